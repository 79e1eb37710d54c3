"""Checks of the cache: its layers, its failures, and how much room it has."""
