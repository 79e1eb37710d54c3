"""One row: every column whole, and its copies in the cache."""
