"""The two-level cache. Applications import it from `soundcheck.cache`; see docs/cache.md."""
