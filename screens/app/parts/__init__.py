"""Widgets and small services that several screens share."""
