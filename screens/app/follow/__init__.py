"""Following: what is on screen is asked for again and again, and what became of it is marked."""
