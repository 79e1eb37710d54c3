"""The project on this disk: its files, journal, backups, git, and where its secrets occur."""
