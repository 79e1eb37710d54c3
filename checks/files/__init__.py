"""Checks of the project's files."""
