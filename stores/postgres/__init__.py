"""Talking to a PostgreSQL server: address, settings, connections, errors, SQL text."""
