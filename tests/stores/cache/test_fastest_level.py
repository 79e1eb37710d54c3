"""The faster way to L2 is measured, taken and told; the other one is let go."""

from __future__ import annotations

from typing import Any

import pytest
from fault_proxy import FaultProxy, Forward, Slow, Swallow, black_hole, closed_port
from levels_under_test import AMPLE, Levels, done, until

from soundcheck.stores.cache.levels.resp_level import RespLevel
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.cache.levels.shared_level import Fault, LevelFault
from soundcheck.stores.cache.measured.fastest import FastestWay, Measured, choose, fastest, ways
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl


@pytest.fixture
def resp(rest: Any) -> Levels:
    return Levels("RESP", rest)


@pytest.fixture
def over_rest(rest: Any) -> Levels:
    return Levels("REST", rest)


async def test_the_faster_of_two_that_work_is_taken(resp: Levels, over_rest: Levels) -> None:
    async with FaultProxy(Slow(resp.port, 0.2)) as slow, FaultProxy(Forward(over_rest.port)) as quick:
        level, choice = await fastest([over_rest.at(quick.port), resp.at(slow.port)], samples=3, deadline=AMPLE)
        assert isinstance(level, RestLevel)
        assert choice.name == "REST"
        assert [way.commands for way in choice.measured] == [4, 4]
        assert choice.commands == 8
        assert all(way.median_ms is not None and way.fault is None for way in choice.measured)
        await until(lambda: slow.open == 0)
        assert await done(level, ("SET", "k", "v")) == ["OK"]
        await level.close()
    async with FaultProxy(Forward(resp.port)) as quick, FaultProxy(Slow(over_rest.port, 0.2)) as slow:
        level, choice = await fastest([over_rest.at(slow.port), resp.at(quick.port)], samples=3, deadline=AMPLE)
        assert isinstance(level, RespLevel)
        await level.close()


async def test_a_port_that_swallows_everything_leaves_rest(resp: Levels, over_rest: Levels) -> None:
    with black_hole() as port:
        level, choice = await fastest([over_rest.here(), resp.at(port)], deadline=4.0)
    assert (level.name, choice.name) == ("REST", "REST")
    assert choice.measured[1].fault is not None
    assert choice.measured[1].fault.fault is Fault.TIMEOUT
    assert choice.reason.startswith("REST answers in ")
    assert "RESP does not work here: no answer within 4 s (its port may be blocked by a firewall)." in choice.reason
    await level.close()


async def test_a_token_that_is_no_password_leaves_rest(resp: Levels, over_rest: Levels) -> None:
    secret = Secret("no-password-1")
    level, choice = await fastest([over_rest.here(), resp.at(resp.port, secret=secret)], deadline=AMPLE)
    assert choice.name == "REST"
    assert choice.measured[1].fault is not None
    assert choice.measured[1].fault.fault is Fault.REFUSED
    assert secret.reveal() not in choice.reason
    await level.close()


async def test_where_nothing_works_the_first_is_kept_and_both_reasons_are_told(rest: Any) -> None:
    async with FaultProxy(Swallow()) as silent:
        with closed_port() as port:
            first = RestLevel(RestUrl("http", "127.0.0.1", port), rest.token)
            level, choice = await fastest([first, Levels("RESP", rest).at(silent.port)], deadline=0.2)
    assert level is first
    assert choice.name == ""
    assert "REST does not work: the connection was refused." in choice.reason
    assert "RESP does not work: no answer within 0.2 s" in choice.reason
    await level.close()


async def test_beside_the_rest_address_upstashs_own_redis_address_is_tried() -> None:
    token = Secret("token")
    rest, resp = ways(RestUrl("https", "name.upstash.io", None), token)
    assert (rest.name, resp.name) == ("REST", "RESP")
    assert isinstance(resp, RespLevel)
    assert str(resp._address) == "rediss://default:•••••@name.upstash.io:6379/0"
    assert resp._address.password == token
    assert [way.name for way in ways(RestUrl("http", "127.0.0.1", 8079), token)] == ["REST"]


def test_the_sentence_names_both_medians() -> None:
    ways = (Measured("REST", 38.2, 6), Measured("RESP", 9.123, 6))
    assert choose(ways) == FastestWay("RESP", ways, "RESP answers in 9.12 ms, REST in 38 ms.")
    gone = Measured("RESP", None, 3, LevelFault(Fault.REFUSED, "WRONGPASS"))
    assert choose((ways[0], gone)).reason == "REST answers in 38 ms. RESP does not work here: WRONGPASS."
