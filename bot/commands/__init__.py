"""The commands of `doorstep`, one subject a module."""
