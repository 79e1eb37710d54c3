"""Checks of the database: its layers, its failures, its tables, indexes and connections."""
