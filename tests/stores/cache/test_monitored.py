"""MONITOR for some seconds: which keys are asked for, hashed where private, never a value."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fake_vendor import HTML, Asked, FakeVendor, Told
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.cache.measured.monitored import MonitorTally, monitor
from soundcheck.stores.keys import KEY_PLAN
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.rest_url import RestUrl


async def test_hot_keys_and_prefixes_are_found_while_it_listens(rest: Any) -> None:
    client = RestClient(rest.url, rest.token)
    listening = asyncio.create_task(monitor(rest.url, rest.token, SystemResolver(), KEY_PLAN, seconds=2.0))
    while not listening.done():
        await client.pipeline([("GET", "user:7"), ("MGET", "user:7", "user:8"), ("SET", "search:love songs", "secret")])
        await asyncio.sleep(0.05)
    await client.close()
    seen = await listening
    assert seen.problem == ""
    assert seen.keys[0][0] == "user:7"
    assert dict(seen.by_command).keys() >= {"GET", "MGET", "SET"}
    assert [prefix for prefix, _ in seen.by_prefix] == ["user:{id}", "search:{query}"]
    assert "love" not in repr(seen)
    assert "secret" not in repr(seen)


async def test_a_token_that_may_not_and_a_page_are_said(rest: Any) -> None:
    refused = await monitor(rest.url, rest.readonly_token, SystemResolver(), KEY_PLAN)
    assert "instead of a stream" in refused.problem

    class Portal(FakeVendor):
        def answer(self, asked: Asked) -> Told:
            return HTML

    with Portal() as portal:
        page = await monitor(RestUrl.parse(portal.url), rest.token, SystemResolver(), KEY_PLAN)
    assert "instead of a stream" in page.problem


@pytest.mark.parametrize(
    ("line", "prefixes"),
    [
        ('1721.1 [0 1.2.3.4:5] "GET" "user:7"', {"user:{id}": 1}),
        ('1721.1 [0 1.2.3.4:5] "EVAL" "return 1" "2" "user:7" "soundcheck:drop:user:7" "x"', {"user:{id}": 1}),
        ('1721.1 [0 lua] "GET" "user:7"', {}),
        ('1721.1 [0 1.2.3.4:5] "INFO"', {}),
        ('1721.1 [0 1.2.3.4:5] "GET" "a\\"b:\\xc3\\xa9"', {'a"b:*': 1}),
        ('"OK"', {}),
    ],
)
def test_lines_are_read_as_redis_writes_them(line: str, prefixes: dict[str, int]) -> None:
    tally = MonitorTally(KEY_PLAN)
    tally.add(line)
    assert dict(tally.result(1.0).by_prefix) == prefixes


@given(st.text(max_size=60))
def test_no_line_breaks_the_tally(rest_of_line: str) -> None:
    tally = MonitorTally(KEY_PLAN)
    tally.add(rest_of_line)
    tally.add(f'1.1 [0 x] "{rest_of_line}" "\\{rest_of_line}"')
    tally.result(1.0)
