"""Replacing a credential everywhere."""
