"""Recognise credentials in whatever was pasted."""
