"""The two-level cache that an application imports: L1 in its memory, L2 in Redis, the database behind both."""
