"""The levels of the cache and their connections: memory, REST, RESP, and invalidation."""
