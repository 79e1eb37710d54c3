"""Every documented or observed error text of Upstash has its code."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.stores.upstash.error_texts import UpstashError, classify

DOCS = "https://upstash.com/docs/redis/troubleshooting"

TEXTS = [
    ("WRONGPASS invalid or missing auth token", UpstashError.BAD_TOKEN),
    (f"WRONGPASS invalid or missing auth token. See {DOCS}/http_unauthorized for details.", UpstashError.BAD_TOKEN),
    ("Unauthorized", UpstashError.BAD_TOKEN),
    ("WRONGPASS invalid password", UpstashError.BAD_TOKEN),
    ("WRONGPASS invalid username-password pair or user is disabled.", UpstashError.BAD_TOKEN),
    ("NOPERM this user has no permissions to run the 'set' command or its subcommand", UpstashError.READ_ONLY),
    (
        f"ERR max requests limit exceeded. Limit: 500000, Usage: 500006. See {DOCS}/max_requests_limit for details",
        UpstashError.MONTHLY_LIMIT,
    ),
    (
        f"ERR max daily request limit exceeded. Limit: 10000, Usage: 10001. See {DOCS}/max_daily_request_limit",
        UpstashError.DAILY_LIMIT,
    ),
    (
        "ERR DB capacity quota exceeded. Threshold: 268435456 bytes, Usage: 268979370 bytes.",
        UpstashError.STORAGE_FULL,
    ),
    ("OOM command not allowed when used memory > 'maxmemory'.", UpstashError.STORAGE_FULL),
    ("ERR max request size exceeded", UpstashError.REQUEST_TOO_LARGE),
    ("ERR max single record size exceeded", UpstashError.RECORD_TOO_LARGE),
    ("ERR max key size exceeded. Limit: 32768 bytes, Actual: 40000 bytes", UpstashError.KEY_TOO_LARGE),
    ("ERR max concurrent connections exceeded", UpstashError.TOO_MANY_CONNECTIONS),
    (
        "ERR Command is not available: 'SLOWLOG'. See https://upstash.com/docs/redis/overall/rediscompatibility",
        UpstashError.COMMAND_UNAVAILABLE,
    ),
    (
        'ERR Command "AUTH" is not allowed in REST or it has a special context path',
        UpstashError.NOT_OVER_REST,
    ),
    ("ERR wrong number of arguments for 'get' command", UpstashError.WRONG_ARGUMENTS),
    ("WRONGTYPE Operation against a key holding the wrong kind of value", UpstashError.WRONG_TYPE),
    ("EXECABORT Transaction discarded because of previous errors.", UpstashError.TRANSACTION_ABORTED),
    ("ERR failed to parse pipeline request", UpstashError.BAD_REQUEST),
    ("ERR empty pipeline request", UpstashError.BAD_REQUEST),
    ("ERR the local Valkey is not answering: refused", UpstashError.STORE_DOWN),
    ("LOADING Valkey is loading the dataset in memory", UpstashError.STORE_DOWN),
    ("ERR something nobody has seen before", UpstashError.OTHER),
]


@pytest.mark.parametrize(("text", "code"), TEXTS, ids=[text[:48] for text, _ in TEXTS])
def test_each_known_text_has_its_code(text: str, code: UpstashError) -> None:
    assert classify(text) is code


def test_no_text_is_no_error() -> None:
    assert classify("") is None
    assert classify("  \n") is None


def test_a_value_that_quotes_an_error_in_its_middle_is_not_taken_for_a_bad_token() -> None:
    assert classify("ERR Error running script: user_script:1: WRONGPASS typed by a user") is UpstashError.OTHER


@given(st.text(max_size=300))
@settings(max_examples=100)
def test_no_text_makes_it_raise(text: str) -> None:
    assert (classify(text) is None) == (not text.strip())
