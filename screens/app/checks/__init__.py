"""Place 4: one verdict, then every check."""
