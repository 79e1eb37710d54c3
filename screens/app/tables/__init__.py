"""Place 2: the tables, their rows, and what the cache holds of them."""
