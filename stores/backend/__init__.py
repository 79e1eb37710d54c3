"""The project's own backend: how its command starts, and what it sees of the environment and the env files."""
