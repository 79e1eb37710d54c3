"""Replacing a credential, on screen."""
