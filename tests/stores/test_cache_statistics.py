"""A look at the cache is one INFO, and its rates are those of the time since the last look, without our own reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.backoff import NoBackoff
from redis.retry import Retry

from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.own_reads import ReadTally, reads_of
from soundcheck.stores.upstash.reply import Reply, TransportFailure
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.stores.upstash.statistics import CacheMeter, CacheSnapshot, CacheUnavailable

UPSTASH = """# Server
upstash_version:1.13.3
redis_version:6.2.6

# Memory
used_memory:1000
maxmemory:67108864

# Persistence
total_keys:41
total_data_size:2000
max_data_size:268435456

# Stats
total_commands_processed:{commands}
expired_keys:3
evicted_keys:4
keyspace_hits:{hits}
keyspace_misses:{misses}

# Keyspace
db0:keys=40,expires=1,avg_ttl=0
"""


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds


class Script:
    """A client that answers INFO from a list."""

    def __init__(self, *answers: Reply | str) -> None:
        self.tally = ReadTally()
        self.answers = list(answers)
        self.sent: list[tuple[str, ...]] = []

    async def command(self, *arguments: str) -> Reply:
        self.sent.append(arguments)
        answer = self.answers.pop(0)
        reply = answer if isinstance(answer, Reply) else Reply(answer, status=200, elapsed_ms=7.5)
        self.tally.add(arguments, reply)
        return reply


def info(hits: int, misses: int, commands: int) -> str:
    return UPSTASH.format(hits=hits, misses=misses, commands=commands)


async def look(meter: CacheMeter) -> CacheSnapshot:
    snapshot = await meter.read()
    assert isinstance(snapshot, CacheSnapshot)
    return snapshot


async def test_a_look_is_exactly_one_command() -> None:
    client = Script(info(1, 1, 1), info(2, 2, 2))
    meter = CacheMeter(client, Clock())
    await meter.read()
    await meter.read()
    assert client.sent == [("INFO",), ("INFO",)]


async def test_the_first_look_has_sizes_and_no_rates() -> None:
    snapshot = await look(CacheMeter(Script(info(900, 100, 5000)), Clock()))
    assert (snapshot.hit_rate, snapshot.operations_per_second, snapshot.interval) == (None, None, None)
    assert (snapshot.keys, snapshot.used_memory, snapshot.max_memory) == (41, 2000, 268_435_456)
    assert (snapshot.evicted, snapshot.expired, snapshot.latency_ms, snapshot.commands_used) == (4, 3, 7.5, 1)
    assert (snapshot.server, snapshot.version, snapshot.is_upstash) == ("Upstash", "1.13.3", True)


async def test_rates_are_of_the_interval_and_not_of_the_servers_life() -> None:
    clock = Clock()
    meter = CacheMeter(Script(info(900, 100, 5000), info(930, 110, 5101)), clock)
    await meter.read()
    clock.seconds += 10
    snapshot = await look(meter)
    assert (snapshot.hits, snapshot.misses, snapshot.hit_rate, snapshot.interval) == (30, 10, 0.75, 10.0)
    assert snapshot.operations_per_second == 10.0  # 101 less the INFO before


async def test_without_traffic_there_is_no_rate_instead_of_none_or_all() -> None:
    clock = Clock()
    meter = CacheMeter(Script(info(900, 100, 5000), info(900, 100, 5001)), clock)
    await meter.read()
    clock.seconds += 10
    snapshot = await look(meter)
    assert (snapshot.hit_rate, snapshot.hits, snapshot.operations_per_second) == (None, 0, 0.0)


async def test_our_own_reads_are_taken_out() -> None:
    client = Script(info(900, 100, 5000), info(912, 104, 5021))
    clock = Clock()
    meter = CacheMeter(client, clock)
    await meter.read()
    for _ in range(10):
        client.tally.add(["GET", "k"], Reply("v"))
    client.tally.add(["GET", "missing"], Reply(None))
    clock.seconds += 1
    snapshot = await look(meter)
    assert (snapshot.hits, snapshot.misses) == (2, 3)
    assert snapshot.hit_rate == pytest.approx(0.4)
    assert snapshot.operations_per_second == 9.0


@pytest.mark.parametrize("after", [(0, 0, 5), (950, 0, 6000), (950, 150, 10)])
async def test_counters_that_go_back_give_no_rate_for_that_interval(after: tuple[int, int, int]) -> None:
    clock = Clock()
    later = (after[0] + 3, after[1] + 1, after[2] + 10)
    meter = CacheMeter(Script(info(900, 100, 5000), info(*after), info(*later)), clock)
    await meter.read()
    clock.seconds += 5
    restarted = await look(meter)
    assert (restarted.hit_rate, restarted.hits, restarted.operations_per_second) == (None, None, None)
    clock.seconds += 5
    assert (await look(meter)).hit_rate == 0.75


async def test_a_failed_look_has_a_reason_and_starts_anew() -> None:
    refused = Reply(error="the connection was refused", failure=TransportFailure.REFUSED, elapsed_ms=1.0)
    meter = CacheMeter(Script(info(1, 1, 1), refused, info(9, 9, 9)), Clock())
    await meter.read()
    assert await meter.read() == CacheUnavailable("the connection was refused", 1.0, 2)
    assert (await look(meter)).hit_rate is None


@pytest.mark.parametrize("value", [None, 7, ["INFO"]])
async def test_an_answer_that_is_no_text_is_no_look(value: Any) -> None:
    assert isinstance(await CacheMeter(Script(Reply(value)), Clock()).read(), CacheUnavailable)


async def test_missing_fields_are_unknown_and_not_zero() -> None:
    snapshot = await look(CacheMeter(Script("# Server\r\nredis_version:7.0.15\r\n"), Clock()))
    assert (snapshot.keys, snapshot.used_memory, snapshot.max_memory, snapshot.evicted) == (None, None, None, None)
    assert (snapshot.server, snapshot.version, snapshot.is_upstash) == ("Redis", "7.0.15", False)


async def test_keys_of_all_databases_are_summed_and_none_is_zero() -> None:
    two = "keyspace_hits:0\r\ndb0:keys=3,expires=0\r\ndb5:keys=4,expires=1,avg_ttl=2\r\n"
    assert (await look(CacheMeter(Script(two), Clock()))).keys == 7
    assert (await look(CacheMeter(Script("keyspace_hits:0\r\n# Keyspace\r\n"), Clock()))).keys == 0


@given(st.text(max_size=300), st.text(alphabet="keyspac_hits:0123456789-.\n=,db", max_size=200))
@settings(max_examples=80)
async def test_no_info_text_makes_it_raise(one: str, other: str) -> None:
    meter = CacheMeter(Script(one, other, one + other), Clock())
    for _ in range(3):
        snapshot = await look(meter)
        assert snapshot.hit_rate is None or 0 <= snapshot.hit_rate <= 1
        assert snapshot.operations_per_second is None or snapshot.operations_per_second >= 0


# Against the real server


@pytest.fixture
def direct(rest: Any) -> Iterator[redis.Redis]:
    """Past the gateway, as the application would be."""
    with redis.Redis.from_url(rest.redis_url.reveal(), retry=Retry(NoBackoff(), 0), protocol=2) as client:
        client.ping()
        yield client


async def test_the_hit_rate_of_others_is_measured_while_we_read_too(rest: Any, direct: redis.Redis) -> None:
    clock = Clock()
    client = RestClient(rest.url, rest.token)
    meter = CacheMeter(client, clock)
    direct.set("k", "v")
    await meter.read()
    for _ in range(8):
        direct.get("k")
    direct.get("missing")
    direct.get("missing")
    for _ in range(20):
        await client.command("GET", "ours")
    await client.pipeline([["MGET", "k", "ours"], ["TTL", "k"], ["EXISTS", "k", "ours"]])
    clock.seconds += 2
    snapshot = await look(meter)
    assert (snapshot.hits, snapshot.misses, snapshot.hit_rate) == (8, 2, 0.8)
    assert snapshot.operations_per_second == pytest.approx(10 / 2)
    assert (snapshot.keys, snapshot.server, snapshot.is_upstash) == (1, "Valkey", False)
    assert snapshot.version
    assert snapshot.commands_used == 25
    await client.close()


READS = [
    ("GET", "s"), ("GET", "no"), ("MGET", "s", "no", "s"), ("EXISTS", "s", "no"), ("TOUCH", "s", "no"), ("TTL", "s"),
    ("TTL", "no"), ("PTTL", "s"), ("EXPIRETIME", "no"), ("TYPE", "s"), ("TYPE", "no"), ("STRLEN", "s"),
    ("STRLEN", "no"), ("HGETALL", "h"), ("HGETALL", "no"), ("LRANGE", "l", "0", "-1"), ("LRANGE", "no", "0", "-1"),
    ("SMEMBERS", "no"), ("ZRANGE", "no", "0", "-1"), ("ZRANGE", "z", "0", "-1"), ("LLEN", "l"), ("SCARD", "no"),
    ("HLEN", "h"), ("ZCARD", "z"), ("DUMP", "s"), ("DUMP", "no"), ("GETEX", "s"), ("GETEX", "no"),
    ("GETRANGE", "s", "0", "1"),
    ("GETRANGE", "no", "0", "1"), ("SET", "s", "1"), ("DEL", "no"), ("PING",), ("INFO",), ("DBSIZE",), ("INCR", "n"),
    ("HKEYS", "h"), ("HVALS", "no"), ("XRANGE", "no", "-", "+"), ("XLEN", "no"), ("SCAN", "0"), ("GETDEL", "s"),
    ("GETDEL", "no"),
]  # fmt: skip


def test_our_reads_are_counted_as_valkey_counts_them(direct: redis.Redis) -> None:
    direct.rpush("l", "a")
    direct.hset("h", "f", "1")
    direct.zadd("z", {"a": 1})
    counted: dict[tuple[str, ...], tuple[int, int]] = {}
    expected: dict[tuple[str, ...], tuple[int, int]] = {}
    connection = direct.connection_pool.get_connection()

    def ask(*words: str) -> Any:
        connection.send_command(*words)
        answer = connection.read_response()
        return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer

    def totals() -> tuple[int, int]:
        stats = dict(line.split(":") for line in ask("INFO", "stats").splitlines() if ":" in line)
        return int(stats["keyspace_hits"]), int(stats["keyspace_misses"])

    for words in READS:
        ask("SET", "s", "value")
        before = totals()
        value = ask(*words)
        after = totals()
        counted[words] = reads_of(words, value)
        expected[words] = (after[0] - before[0], after[1] - before[1])
    direct.connection_pool.release(connection)
    assert counted == expected


async def test_a_client_without_a_server_is_unavailable_with_a_reason() -> None:
    client = RestClient(RestUrl("http", "127.0.0.1", 1), Secret("t"))
    answer = await CacheMeter(client, Clock()).read()
    assert isinstance(answer, CacheUnavailable)
    assert answer.reason == "the connection was refused"
    assert answer.commands_used == 0
    await client.close()
