"""The synchronous face: threads share one cache, every call ends, and wrong places are refused in words."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis

from soundcheck.cache import (
    CacheSettings,
    LoadGivenUp,
    LoadTimeout,
    NotCacheable,
    RespAddress,
    RespLevel,
    RestLevel,
    SharedLevel,
    SyncTwoLevelCache,
    ThreadStalled,
    UsageError,
)
from soundcheck.stores.cache import in_thread
from soundcheck.stores.cache.measured.applications import ApplicationMeter
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.upstash.rest import RestClient

PATIENT = CacheSettings(l2_hard=10.0, load_hard=15.0, l2_soft=10.0, load_soft=10.0, refresh_at=1.0)
USER = {"id": "7", "name": "Ada"}
AMPLE = 60.0


@pytest.fixture
def cache() -> Iterator[SyncTwoLevelCache]:
    """One without L2."""
    with SyncTwoLevelCache(None, settings=PATIENT) as made:
        yield made


@pytest.fixture(params=["REST", "RESP"])
def make_level(request: pytest.FixtureRequest, rest: Any) -> Callable[[], SharedLevel]:
    """Makes one more connection to the session's Valkey."""
    if request.param == "REST":
        return lambda: RestLevel(rest.url, rest.token)
    address = RespAddress.parse(rest.redis_url.reveal())
    assert address is not None
    return lambda: RespLevel(address)


def until(holds: Callable[[], Any]) -> None:
    end = time.monotonic() + AMPLE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def loop_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "soundcheck cache"}


def never() -> Any:
    raise AssertionError("the loader was asked")


def test_threads_share_one_load(cache: SyncTwoLevelCache) -> None:
    calls: list[str] = []
    together = threading.Barrier(20)

    def load() -> dict[str, str]:
        calls.append(threading.current_thread().name)
        return USER

    def ask(_: int) -> dict[str, str]:
        together.wait(AMPLE)
        return cache.get_or_load("user:7", load)

    with ThreadPoolExecutor(20) as workers:
        answers = list(workers.map(ask, range(20)))
    assert answers == [USER] * 20
    assert calls == ["soundcheck cache loader"]
    total = cache.counters().total
    assert total.requests == total.loads + total.coalesced + total.l1_hits == 20


def test_threads_that_wait_for_different_keys_do_not_wait_for_each_other(cache: SyncTwoLevelCache) -> None:
    both_load = threading.Barrier(2)
    with ThreadPoolExecutor(2) as workers:
        places = list(workers.map(lambda key: cache.get_or_load(key, lambda: both_load.wait(AMPLE)), ("a", "b")))
    assert sorted(places) == [0, 1]


def test_another_process_hears_what_this_one_drops(make_level: Callable[[], SharedLevel], rest: Any) -> None:
    with (
        redis.Redis.from_url(rest.redis_url.reveal()) as client,
        SyncTwoLevelCache(make_level(), settings=PATIENT) as one,
        SyncTwoLevelCache(make_level(), settings=PATIENT) as other,
    ):
        for cache in (one, other):
            until(lambda cache=cache: cache.counters().line_up)
        assert one.get_many(["user:7", "user:8"], lambda keys: {"user:7": USER}) == {"user:7": USER, "user:8": None}
        until(lambda: client.exists("user:7"))  # nobody who reads waits for L2 to be filled
        assert other.get_or_load("user:7", never) == USER
        assert one.drop("user:7") is True
        until(lambda: other.counters().messages)
        assert other.get_or_load("user:7", lambda: {"id": "7", "name": "Grace"})["name"] == "Grace"
        assert other.set("user:9", {"id": "9"}) is True
        assert one.get_or_load("user:9", never) == {"id": "9"}
        assert one.drop_many(["user:7", "user:9"]) is True


def test_a_loader_that_hangs_costs_its_deadline_and_its_late_value_is_kept() -> None:
    gate, begun = threading.Event(), threading.Event()

    def hang() -> dict[str, str]:
        begun.set()
        assert gate.wait(AMPLE)
        return USER

    with SyncTwoLevelCache(None, settings=CacheSettings(l2_hard=0.05, load_hard=0.2)) as cache:
        with pytest.raises(LoadTimeout):
            cache.get_or_load("user:7", hang)
        assert begun.wait(AMPLE)
        gate.set()
        until(lambda: cache.counters().l1_entries)
        assert cache.get_or_load("user:7", never) == USER


def test_a_loader_may_ask_for_another_key_however_few_threads_there_are() -> None:
    with SyncTwoLevelCache(None, settings=PATIENT, loaders=1) as cache:

        def depth(left: int) -> int:
            return 1 + cache.get_or_load(f"depth:{left}", lambda: depth(left - 1)) if left else 0

        assert cache.get_or_load("depth", lambda: depth(3)) == 3


def test_so_many_loaders_run_at_once_and_no_more() -> None:
    both_run = threading.Barrier(2)
    running: list[int] = []
    lock = threading.Lock()
    most = 0

    def load() -> int:
        nonlocal most
        with lock:
            running.append(1)
            most = max(most, len(running))
        both_run.wait(AMPLE)
        with lock:
            running.pop()
        return 1

    with SyncTwoLevelCache(None, settings=PATIENT, loaders=2) as cache, ThreadPoolExecutor(6) as workers:
        list(workers.map(lambda number: cache.get_or_load(f"key:{number}", load), range(6)))
    assert most == 2


def test_a_loader_sees_the_caller_s_context_variables(cache: SyncTwoLevelCache) -> None:
    request = contextvars.ContextVar("request", default="none")
    request.set("GET /users/7")
    assert cache.get_or_load("user:7", request.get) == "GET /users/7"


class Odd(Exception):
    pass


@pytest.mark.parametrize(
    ("raised", "reaches"),
    [
        (Odd("no such table"), Odd),
        (TimeoutError("the database's own"), TimeoutError),
        (StopIteration(), RuntimeError),
        (SystemExit(3), LoadGivenUp),
        (KeyboardInterrupt(), LoadGivenUp),
        (asyncio.CancelledError(), LoadGivenUp),
    ],
    ids=lambda one: getattr(one, "__name__", type(one).__name__),
)
def test_what_a_loader_raises_reaches_the_caller_and_the_cache_lives_on(
    cache: SyncTwoLevelCache, raised: BaseException, reaches: type[BaseException]
) -> None:
    def fail() -> int:
        raise raised

    with pytest.raises(reaches) as seen:
        cache.get_or_load("user:7", fail)
    assert reaches in {RuntimeError, LoadGivenUp} or repr(seen.value) == repr(raised)
    assert cache.get_or_load("user:7", lambda: 1) == 1


def test_a_loader_that_returns_what_json_cannot_hold_is_told_so(cache: SyncTwoLevelCache) -> None:
    with pytest.raises(NotCacheable, match="set"):
        cache.get_or_load("user:7", lambda: {1, 2})


def test_an_asynchronous_loader_is_refused_in_words(cache: SyncTwoLevelCache) -> None:
    async def load() -> int:
        return 1

    with pytest.raises(UsageError, match="asynchronous"):
        cache.get_or_load("user:7", load)


CALLS: dict[str, Callable[[SyncTwoLevelCache], Any]] = {
    "open": lambda cache: cache.open(),
    "close": lambda cache: cache.close(),
    "get_or_load": lambda cache: cache.get_or_load("user:7", never),
    "get_many": lambda cache: cache.get_many(["user:7"], lambda keys: {}),
    "set": lambda cache: cache.set("user:7", USER),
    "drop": lambda cache: cache.drop("user:7"),
    "drop_many": lambda cache: cache.drop_many(["user:7"]),
    "counters": lambda cache: cache.counters(),
    "publish_as": lambda cache: cache.publish_as("music-api"),
}


def test_every_call_is_in_the_table() -> None:
    assert {name for name in vars(SyncTwoLevelCache) if not name.startswith("_")} == CALLS.keys()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("is_open", [True, False])
def test_where_an_event_loop_runs_every_call_is_refused(call: str, is_open: bool) -> None:
    cache = SyncTwoLevelCache(None, settings=PATIENT)
    if is_open:
        cache.open()

    async def handler() -> None:
        with pytest.raises(UsageError, match="event loop runs") as refused:
            CALLS[call](cache)
        assert "TwoLevelCache" in refused.value.hint

    asyncio.run(handler())
    assert cache.get_or_load("user:7", lambda: USER) == USER
    cache.close()


def test_an_event_loop_may_ask_from_a_worker_thread(cache: SyncTwoLevelCache) -> None:
    async def handler() -> dict[str, str]:
        return await asyncio.to_thread(cache.get_or_load, "user:7", lambda: USER)

    assert asyncio.run(handler()) == USER


@pytest.mark.parametrize("call", sorted(CALLS.keys() - {"close"}))
@pytest.mark.parametrize("was_open", [True, False])
def test_after_closing_every_call_is_refused(call: str, was_open: bool) -> None:
    cache = SyncTwoLevelCache(None)
    if was_open:
        cache.open()
    cache.close()
    cache.close()
    with pytest.raises(UsageError, match="is closed"):
        CALLS[call](cache)


def test_closing_ends_the_threads_and_those_who_wait() -> None:
    gate, begun = threading.Event(), threading.Event()

    def hang() -> int:
        begun.set()
        assert gate.wait(AMPLE)
        return 1

    cache = SyncTwoLevelCache(None, settings=PATIENT)
    before = loop_threads()
    cache.open()
    (mine,) = loop_threads() - before
    with ThreadPoolExecutor(1) as workers:
        waiting = workers.submit(cache.get_or_load, "user:7", hang)
        assert begun.wait(AMPLE)
        cache.close(AMPLE)
        with pytest.raises(LoadGivenUp):
            waiting.result(AMPLE)
    assert not mine.is_alive()
    gate.set()
    until(lambda: not any(thread.name == "soundcheck cache loader" for thread in threading.enumerate()))


def test_a_cache_that_nobody_holds_ends_its_thread() -> None:
    before = loop_threads()
    cache = SyncTwoLevelCache(None, settings=PATIENT)
    assert cache.get_or_load("user:7", lambda: USER) == USER
    (mine,) = loop_threads() - before
    del cache
    gc.collect()
    mine.join(AMPLE)
    assert not mine.is_alive()


def test_a_level_can_be_made_in_the_cache_s_own_loop(make_level: Callable[[], SharedLevel]) -> None:
    seen: list[threading.Thread] = []

    async def make() -> SharedLevel:
        seen.append(threading.current_thread())
        level = make_level()
        await level.run([("PING",)], deadline=AMPLE)
        return level

    with SyncTwoLevelCache(make, settings=PATIENT) as cache:
        until(lambda: cache.counters().line_up)
        assert cache.set("user:7", USER) is True
    assert [thread.name for thread in seen] == ["soundcheck cache"]


def test_a_level_that_cannot_be_made_says_why_and_may_be_tried_again() -> None:
    attempts = 0

    async def make() -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise Odd("no such host")

    cache = SyncTwoLevelCache(make)
    with pytest.raises(Odd, match="no such host"):
        cache.open()
    assert cache.get_or_load("user:7", lambda: USER) == USER
    cache.close()


def test_a_level_that_is_never_ready_costs_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_thread, "_OPENING", 0.05)
    gate = threading.Event()
    before = loop_threads()

    async def make() -> None:
        await asyncio.to_thread(gate.wait, AMPLE)

    with pytest.raises(ThreadStalled):
        SyncTwoLevelCache(make).open()
    gate.set()
    until(lambda: loop_threads() <= before)


def test_a_thread_that_stands_still_costs_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_thread, "_MARGIN", 0.05)
    gate = threading.Event()

    class Blocking:
        """A level with a defect: it blocks the loop."""

        name, commands_used = "RESP", 0

        async def read(self, keys: Sequence[str], *, deadline: float) -> Any:
            gate.wait(AMPLE)

        async def close(self) -> None:
            pass

    quick = CacheSettings(l2_hard=0.01, load_hard=0.01, channel="")
    with SyncTwoLevelCache(Blocking(), settings=quick) as cache:  # type: ignore[arg-type]
        with pytest.raises(ThreadStalled):
            cache.get_or_load("user:7", lambda: USER)
        gate.set()


def test_what_it_counts_is_seen_by_the_console(rest: Any) -> None:
    async def look() -> Any:
        client = RestClient(rest.url, rest.token)
        try:
            return await ApplicationMeter(client, SystemClock()).read()
        finally:
            await client.close()

    with SyncTwoLevelCache(RestLevel(rest.url, rest.token), settings=PATIENT) as cache:
        cache.get_or_load("user:7", lambda: USER)
        cache.publish_as("music-web", instance="web-1", interval=1.0, local=True, note="in threads")
        until(lambda: asyncio.run(look()).instances)
        (instance,) = asyncio.run(look()).instances
        assert (instance.published.app, instance.published.instance) == ("music-web", "web-1")
        with pytest.raises(UsageError, match="name an application"):
            cache.publish_as("music web")


def test_without_l2_there_is_nowhere_to_publish(cache: SyncTwoLevelCache) -> None:
    with pytest.raises(UsageError, match="nowhere to publish"):
        cache.publish_as("music-web")


def test_a_cache_needs_a_thread_for_loaders() -> None:
    with pytest.raises(UsageError, match="loaders"):
        SyncTwoLevelCache(None, loaders=0)
