"""The model that the random histories run on answers as real Valkey does, command by command."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from simulated_redis import SimulatedRedis

from soundcheck.stores.cache.versioned_writes import (
    Fill,
    RedisCommand,
    drop_command,
    fill_command,
    marker_key,
    replace_command,
)

KEYS = ("user:1", "search:[x", "session:ü")


@pytest.fixture
def valkey(rest: Any) -> Iterator[Any]:
    with redis.Redis.from_url(rest.redis_url.reveal(), decode_responses=True) as client:
        yield client


def random_command(chance: random.Random, marker: str) -> RedisCommand:
    key = chance.choice(KEYS)
    read = chance.choice(("", marker, f"{int(marker) - 1}", f"{int(marker) - 2}"))
    kind = chance.random()
    if kind < 0.4:
        keys = chance.sample(KEYS, chance.randint(1, 3))
        return fill_command([Fill(one, read, f"text {marker}", 60_000) for one in keys])
    if kind < 0.7:
        return drop_command(chance.sample(KEYS, chance.randint(1, 3)), marker)
    return replace_command(Fill(key, read, f"newer {marker}", 60_000), marker)


@pytest.mark.parametrize("seed", range(4))
async def test_scripts_do_the_same_in_the_model_and_in_valkey(seed: int, valkey: Any) -> None:
    valkey.flushall()
    chance, model = random.Random(seed), SimulatedRedis()
    replies = set()
    for number in range(150):
        command = random_command(chance, str(number))
        reply = model.run(command)
        assert valkey.execute_command(*command) == reply, command
        replies.add(str(reply))
        for key in KEYS:
            assert valkey.mget(key, marker_key(key)) == [model.get(key), model.get(marker_key(key))]
    assert {"0", "1", "[0]", "[1]"} <= replies


async def test_scripts_give_every_key_its_time(valkey: Any) -> None:
    valkey.execute_command(*drop_command(KEYS, "a"))
    valkey.execute_command(*fill_command([Fill("user:1", "a", "x", 1500)]))
    valkey.execute_command(*replace_command(Fill("search:[x", "a", "y", 2500), "b"))
    assert 55 < valkey.ttl(marker_key("user:1")) <= 60
    assert 55 < valkey.ttl(marker_key("search:[x")) <= 60
    assert 0 < valkey.pttl("user:1") <= 1500
    assert 1500 < valkey.pttl("search:[x") <= 2500
