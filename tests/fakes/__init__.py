"""Stand-ins for the outside world: a Telegram server, a PostgreSQL server of the tests' own."""
