"""Checks of this machine: packages, environment, terminal."""
