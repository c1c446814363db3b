"""A county in simulated time, through the real handlers, rules and storage."""
