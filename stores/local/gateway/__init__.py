"""A REST gateway that answers as Upstash does, in front of the local Valkey.

A process of its own, started as `python -P -m soundcheck.stores.local.gateway` with its configuration as JSON on
standard input.
The way of a request: `app` (authentication, limits) → `request` (bytes to commands) → `policy` (what goes on, what is
refused) → `valkey` (one multiplexed connection) → `answer` (replies to JSON).
"""
