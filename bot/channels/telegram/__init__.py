"""Telegram, behind the one `Channel` protocol."""
