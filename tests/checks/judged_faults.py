"""Faults as evidence: what a check of another day or another machine saw, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable

from soundcheck.checks.backend.prisma import ENGINE
from soundcheck.checks.cache.claims import CLAIM
from soundcheck.checks.cache.layers import URL as CACHE_URL
from soundcheck.checks.cache.room import COMMANDS, RESP, ROOM
from soundcheck.checks.database.indexes import INDEXES
from soundcheck.checks.database.latency import CLOCK, LATENCY
from soundcheck.checks.database.layers import LAYER_QUERY
from soundcheck.checks.finding import Blame, Evidence, Finding, Status
from soundcheck.checks.machine.environment import ENVIRONMENT
from soundcheck.checks.machine.terminal import TERMINAL, VERSIONS

WARN, FAIL, YOU = Status.WARN, Status.FAIL, Blame.YOU

PURE: list[tuple[str, Callable[[Evidence], Finding], Evidence, Status, Blame, str, str]] = [
    (
        "old server",
        LAYER_QUERY.finding,
        {"status": "ok", "server_version": "13.22 (Debian)", "round_trip_ms": 3.0},
        WARN,
        YOU,
        "tried from PostgreSQL 15",
        "newer version",
    ),
    ("npm missing", ENGINE.finding, {"installed": False, "has_npm": False}, FAIL, YOU, "npm is not", "setup"),
    (
        "latin-1",
        TERMINAL.finding,
        {"encoding": "iso8859-1", "language": "de_DE"},
        WARN,
        YOU,
        "not UTF-8",
        "LANG=C.UTF-8",
    ),
    (
        "small",
        TERMINAL.finding,
        {"encoding": "utf-8", "terminal": True, "term": "xterm", "columns": 40, "lines": 12},
        WARN,
        YOU,
        "40×12",
        "larger",
    ),
    (
        "tmux",
        TERMINAL.finding,
        {"encoding": "utf-8", "terminal": True, "term": "xterm-256color", "columns": 90, "lines": 40, "inside": "tmux"},
        WARN,
        YOU,
        "inside tmux",
        "default-terminal",
    ),
    ("part missing", VERSIONS.finding, {"missing": ["httpx"]}, FAIL, Blame.US, "Module not found: httpx", "Install it"),
    (
        "other version",
        VERSIONS.finding,
        {"versions": {"psycopg": "3.1"}, "wanted": {"psycopg": ">=3.3,<4"}},
        WARN,
        YOU,
        "psycopg 3.1 (needed: >=3.3,<4)",
        "environment of its own",
    ),
    (
        "cache of another version",
        VERSIONS.finding,
        {"versions": {"soundcheck-cache": "0.1.1"}, "wanted": {"soundcheck-cache": "==0.1.0"}, "installed_by": "pipx"},
        WARN,
        YOU,
        "soundcheck-cache 0.1.1 (needed: ==0.1.0)",
        "pipx reinstall soundcheck-console",
    ),
    (
        "other version, in a bundle of before",
        VERSIONS.finding,
        {"versions": {"psycopg": "3.1"}, "pinned": {"psycopg": "3.3.9"}},
        WARN,
        YOU,
        "psycopg 3.1 (needed: 3.3.9)",
        "environment of its own",
    ),
    (
        "NO_PROXY",
        ENVIRONMENT.finding,
        {"proxies": {"HTTPS_PROXY": "proxy:3128"}, "local": True, "no_proxy": "corp"},
        WARN,
        YOU,
        "leaves out localhost",
        "NO_PROXY=localhost",
    ),
    (
        "far database",
        LATENCY.finding,
        {"host": "h", "region": "ap-southeast-2", "round_trip_ms": 290.0},
        WARN,
        Blame.NETWORK,
        "ap-southeast-2 (Sydney)",
        "in or near",
    ),
    (
        "slow clock",
        CLOCK.finding,
        {"status": "ok", "our_time": 1000.0, "server_time": 1500.0, "took_ms": 20.0},
        WARN,
        YOU,
        "8 min behind",
        "automatic time",
    ),
    (
        "fast clock",
        CLOCK.finding,
        {"status": "ok", "our_time": 90_000.0, "server_time": 1500.0, "took_ms": 20.0},
        WARN,
        YOU,
        "25 h ahead of",
        "automatic time",
    ),
    ("rediss://", CACHE_URL.finding, {"kind": "tcp"}, FAIL, YOU, "address for TCP", "UPSTASH_REDIS_REST_URL"),
    ("redis-cli", CACHE_URL.finding, {"kind": "command"}, FAIL, YOU, "redis-cli command", "UPSTASH_REDIS_REST_URL"),
    ("console", CACHE_URL.finding, {"kind": "console"}, FAIL, YOU, "own web page", "UPSTASH_REDIS_REST_URL"),
    (
        "token without SCAN",
        COMMANDS.finding,
        {"asked": ["SCAN"], "refused": {"SCAN": "read_only"}, "text": "NOPERM"},
        FAIL,
        YOU,
        "may not use SCAN",
        "Read-Only Token",
    ),
    (
        "no EVAL",
        COMMANDS.finding,
        {"asked": ["EVAL"], "refused": {"EVAL": "command_unavailable"}, "text": "ERR Command is not available: 'EVAL'"},
        WARN,
        Blame.PROVIDER,
        "refuses EVAL",
        "Writing and reading work",
    ),
    (
        "half full, no eviction",
        ROOM.finding,
        {"told": True, "upstash": True, "used_bytes": 200_000_000, "policy": "noeviction"},
        WARN,
        YOU,
        "eviction is off",
        "Switch Eviction on",
    ),
    (
        "evicting",
        ROOM.finding,
        {"told": True, "used_bytes": 95, "most_bytes": 100, "policy": "optimistic-volatile"},
        WARN,
        YOU,
        "keys are being evicted",
        "upgrade",
    ),
    (
        "index missing",
        INDEXES.finding,
        {"status": "ok", "expected": ["a (x)", "a (y)"], "there": [{"index": "a (x)", "valid": True}]},
        WARN,
        YOU,
        "1 index of the schema's 2 is missing: a (y)",
        "push would add",
    ),
    (
        "index broken",
        INDEXES.finding,
        {"status": "ok", "expected": ["a (x)"], "there": [{"index": "a (x)", "valid": False}]},
        WARN,
        YOU,
        "cannot be used",
        "REINDEX",
    ),
    (
        "index unused",
        INDEXES.finding,
        {
            "status": "ok",
            "our_time": 2_000_000.0,
            "counted_since": 0.0,
            "expected": ["a (x)"],
            "there": [{"index": "a (x)", "valid": True, "scans": 0, "rows": 50_000}],
        },
        WARN,
        YOU,
        "not used in 23 days",
        "DROP INDEX NAME;",
    ),
    (
        "claim soon",
        CLAIM.finding,
        {
            "noted": True,
            "what": "database",
            "file": ".env",
            "line": 3,
            "left_seconds": 7200,
            "ends": "2026-11-22T12:00",
        },
        WARN,
        YOU,
        "ends in 2 h",
        "claim link",
    ),
]


FINE: list[tuple[Callable[[Evidence], Finding], Evidence]] = [
    (LATENCY.finding, {"round_trip_ms": 3.0}),
    (LATENCY.finding, {"round_trip_ms": 60.0, "region": "eu-central-1"}),
    (CLOCK.finding, {"status": "ok", "our_time": 1000.0, "server_time": 1029.0, "took_ms": 10.0}),
    (ROOM.finding, {"told": True, "upstash": True, "used_bytes": 1000, "policy": "noeviction"}),
    (RESP.finding, {"upstash": True, "reached": True, "accepted": True, "host": "h"}),
    (TERMINAL.finding, {"encoding": "utf-8", "terminal": False}),
    (TERMINAL.finding, {"encoding": "utf-8", "terminal": True, "term": "dumb"}),
    (ENVIRONMENT.finding, {}),
    (ENVIRONMENT.finding, {"proxies": {"HTTPS_PROXY": "p:1"}, "local": True, "no_proxy": "localhost,127.0.0.1"}),
    (INDEXES.finding, {"status": "ok", "expected": ["a (x)"], "there": [{"index": "a (x)", "valid": True, "rows": 5}]}),
]
