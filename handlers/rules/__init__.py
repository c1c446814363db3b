"""Rules as pure functions: no storage, no clock of their own, no waiting."""
