"""Removing what Soundcheck created."""
