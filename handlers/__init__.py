"""The conversation, platform-neutral: one use case a module, rules apart, texts in `wording/`."""
