"""Layered probes: name, port, TLS, authentication, answer, each with its own time and its own failure."""
