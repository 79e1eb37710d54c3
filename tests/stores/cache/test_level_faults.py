"""Each failure of L2 is the right fault and never an exception; nothing stays open, and the next call recovers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
import trustme
from fake_rest import Answer, FakeRest, error
from fault_proxy import CutAfter, FaultProxy, Forward, Reset, Say, Slow, Swallow, black_hole, closed_port
from levels_under_test import AMPLE, Ear, Level, Levels, done, found, level, levels, until  # noqa: F401

from soundcheck.stores.cache.levels.resp_address import RespAddress
from soundcheck.stores.cache.levels.resp_level import RespLevel
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.cache.levels.shared_level import ChannelEvent, Fault, Found, LevelFault
from soundcheck.stores.project.authority import keep_authority, trusted_roots
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import Address, ResolveError, ResolveFailure
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

# ruff: noqa: F811 - a fixture that is imported and then asked for is no redefinition

HTML = b"<html><body>Please sign in to the network</body></html>"
PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(HTML), HTML)
QUOTA = "ERR max requests limit exceeded. Limit: 500000, Usage: 500001. See https://upstash.com/docs for details"


def http(body: bytes, announced: int | None = None) -> bytes:
    size = len(body) if announced is None else announced
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (size, body)


SAID = {
    "a captive portal": ({"REST": PORTAL, "RESP": PORTAL}, Fault.GARBLED),
    "truncated": ({"REST": http(b'[{"result":["v'), "RESP": b"+OK\r\n*one\r\n"}, Fault.GARBLED),
    "another service": ({"REST": http(b'{"status":"fine"}'), "RESP": b"220 mail.test ESMTP\r\n"}, Fault.GARBLED),
    "no values": ({"REST": http(b'[{"result":"OK"}]'), "RESP": b"+OK\r\n+OK\r\n"}, Fault.GARBLED),
    "too few values": ({"REST": http(b'[{"result":[]}]'), "RESP": b"+OK\r\n*0\r\n"}, Fault.GARBLED),
    "a reset in mid-reply": (
        {"REST": http(b'[{"result":', 500), "RESP": b"+OK\r\n*1\r\n$50\r\nabc"},
        Fault.UNREACHABLE,
    ),
    "a hang-up": ({"REST": b"", "RESP": b""}, Fault.UNREACHABLE),
    "a used-up plan": (
        {"REST": http(b'[{"error":"%s"}]' % QUOTA.encode()), "RESP": b"+OK\r\n-%s\r\n" % QUOTA.encode()},
        Fault.REFUSED,
    ),
    "a store that starts": (
        {"REST": http(b'{"error":"LOADING Redis is loading"}'), "RESP": b"+OK\r\n-LOADING Redis is loading\r\n"},
        Fault.UNREACHABLE,
    ),
}


async def fault_of(level: Level, deadline: float = AMPLE) -> LevelFault:
    answer = await level.read(["k"], deadline=deadline)
    assert isinstance(answer, LevelFault), answer
    for secret in (getattr(level, "_token", None), getattr(getattr(level, "_address", None), "password", None)):
        assert secret is None or secret.reveal() not in answer.message
    assert answer.message.isprintable()
    return answer


async def recovers(level: Level, proxy: FaultProxy, port: int) -> None:
    """The next call works once the network does, and in the end no connection is left."""
    proxy.fault = Forward(port)
    assert await done(level, ("SET", "k", "back"), ("GET", "k")) == ["OK", "back"]
    await level.close()
    await until(lambda: proxy.open == 0)


@pytest.mark.parametrize("said", list(SAID))
async def test_what_something_else_says_is_told_as_its_fault(levels: Levels, said: str) -> None:
    words, fault = SAID[said]
    async with FaultProxy(Say(words[levels.name])) as proxy:
        level = levels.at(proxy.port)
        assert (await fault_of(level)).fault is fault
        await recovers(level, proxy, levels.port)


async def test_a_reset_is_a_line_that_does_not_stand(levels: Levels) -> None:
    async with FaultProxy(Reset()) as proxy:
        level = levels.at(proxy.port)
        assert (await fault_of(level)).fault is Fault.UNREACHABLE
        await recovers(level, proxy, levels.port)


async def test_a_cut_in_the_middle_of_a_request_is_one_too(levels: Levels) -> None:
    async with FaultProxy(CutAfter(levels.port, 20)) as proxy:
        level = levels.at(proxy.port)
        assert (await fault_of(level)).fault is Fault.UNREACHABLE
        await recovers(level, proxy, levels.port)


async def test_a_closed_port_is_not_reached_and_costs_no_command(levels: Levels) -> None:
    with closed_port() as port:
        level = levels.at(port)
        assert (await fault_of(level)).fault is Fault.UNREACHABLE
        assert level.commands_used == 0


async def test_a_server_that_swallows_everything_is_left_at_the_deadline(levels: Levels) -> None:
    async with FaultProxy(Swallow()) as proxy:
        level = levels.at(proxy.port)
        assert (await fault_of(level, 0.1)).fault is Fault.TIMEOUT
        await recovers(level, proxy, levels.port)


async def test_a_port_that_answers_no_connect_is_left_at_the_deadline(levels: Levels) -> None:
    with black_hole() as port:
        assert (await fault_of(levels.at(port), 0.1)).fault is Fault.TIMEOUT


async def test_callers_that_wait_for_a_place_keep_their_own_deadline(levels: Levels) -> None:
    async with FaultProxy(Swallow()) as proxy:
        level = levels.at(proxy.port)
        calls = []
        for _ in range(6):  # each in a request of its own, so that four fly and two wait
            calls.append(asyncio.create_task(level.read(["k"], deadline=0.2)))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        answers = await asyncio.gather(*calls)
        assert {answer.fault for answer in answers if isinstance(answer, LevelFault)} == {Fault.TIMEOUT}
        await recovers(level, proxy, levels.port)


async def test_a_short_deadline_in_a_shared_request_leaves_the_long_one_its_answer(levels: Levels) -> None:
    async with FaultProxy(Slow(levels.port, 0.3)) as proxy:
        level = levels.at(proxy.port)
        short, long = await asyncio.gather(level.read(["k"], deadline=0.05), level.read(["k"], deadline=AMPLE))
        assert isinstance(short, LevelFault)
        assert short.fault is Fault.TIMEOUT
        assert long == Found((None,))


async def test_a_late_answer_does_not_hold_up_or_fail_the_others(levels: Levels) -> None:
    async with FaultProxy(Swallow()) as proxy:
        level = levels.at(proxy.port)
        late = asyncio.create_task(level.read(["late"], deadline=AMPLE))
        await until(lambda: proxy.open == 1)
        proxy.fault = Forward(levels.port)
        await done(level, ("SET", "k", "v"))
        assert await asyncio.gather(*(found(level, "k") for _ in range(20))) == [("v",)] * 20
        assert not late.done()
        late.cancel()
        await asyncio.gather(late, return_exceptions=True)
        await recovers(level, proxy, levels.port)


async def test_a_line_that_the_server_closed_while_idle_costs_no_fault(levels: Levels) -> None:
    async with FaultProxy(Forward(levels.port)) as proxy:
        level = levels.at(proxy.port)
        for n in range(3):
            assert await done(level, ("SET", "k", n)) == ["OK"]
            await proxy.cut()
        assert proxy.connections == 3


async def test_a_wrong_secret_is_a_refusal(levels: Levels) -> None:
    level = levels.at(levels.port, secret=Secret("wrong-secret-7"))
    assert (await fault_of(level)).fault is Fault.REFUSED


async def test_a_secret_that_fits_no_header_or_line_is_refused_without_an_exception(levels: Levels) -> None:
    for text in ("two\nlines", "ümlaut", "nul\x00"):
        assert (await fault_of(levels.at(levels.port, secret=Secret(text)))).fault is Fault.REFUSED


async def test_a_right_that_is_missing_is_a_refusal(rest: Any) -> None:
    level = RestLevel(rest.url, rest.readonly_token)
    assert await level.read(["k"], deadline=AMPLE) == Found((None,))
    answer = await level.run([("SET", "k", "v")], deadline=AMPLE)
    assert isinstance(answer, LevelFault)
    assert answer.fault is Fault.REFUSED
    await level.close()


# Channels over a bad line


async def test_listening_begins_once_the_network_does(levels: Levels) -> None:
    async with FaultProxy(Reset()) as proxy:
        level = levels.at(proxy.port)
        ear = Ear(level, "c")
        for fault in (Say(PORTAL), Say(b""), Say(b"+OK\r\n-NOAUTH\r\n"), Swallow()):
            before = proxy.connections
            await until(lambda before=before: proxy.connections > before)  # type: ignore[misc]
            proxy.fault = fault
        await until(lambda: proxy.open > 0)
        proxy.fault = Forward(levels.port)
        await proxy.cut()
        assert await ear.next() == ChannelEvent("connected")
        await ear.close()
        await until(lambda: proxy.open == 0)


async def test_a_line_cut_under_a_channel_is_told_and_opened_again(levels: Levels) -> None:
    async with FaultProxy(Forward(levels.port)) as proxy:
        level = levels.at(proxy.port)
        ear = Ear(level, "c")
        assert await ear.next() == ChannelEvent("connected")
        await proxy.cut()
        assert [await ear.next(), await ear.next()] == [ChannelEvent("lost"), ChannelEvent("connected")]
        await done(levels.here(), ("PUBLISH", "c", "x"))
        assert await ear.next() == ChannelEvent("message", "x")
        await ear.close()


async def test_a_wrong_secret_never_connects_a_channel(levels: Levels) -> None:
    async with FaultProxy(Forward(levels.port)) as proxy:
        level = levels.at(proxy.port, secret=Secret("wrong-secret-7"))
        ear = Ear(level, "c")
        await until(lambda: proxy.connections >= 1)
        await level.close()
        assert await ear.next() is None


# What only one of them has


async def test_over_rest_the_sync_token_of_the_last_answer_is_sent_back() -> None:
    seen: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                await reader.readexactly(int(head.partition("content-length:")[2].split("\r\n")[0]))
                seen.append(head.partition("upstash-sync-token: ")[2].partition("\r\n")[0])
                body = json.dumps([{"result": [None]}])
                writer.write(
                    f"HTTP/1.1 200 OK\r\nUpstash-Sync-Token: t{len(seen)}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
                )
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        level = RestLevel(RestUrl("http", "127.0.0.1", server.sockets[0].getsockname()[1]), Secret("token"))
        for _ in range(3):
            assert await level.read(["k"], deadline=AMPLE) == Found((None,))
        await level.close()
    assert seen == ["", "t1", "t2"]


async def test_over_rest_at_most_a_hundred_commands_share_a_request_and_four_requests_fly() -> None:
    sizes: list[int] = []
    async with FakeRest(lambda _: Answer('{"result":1}')) as server:
        level = RestLevel(RestUrl("http", "127.0.0.1", server.port), Secret("token"))
        flying = 0
        send = level._calls._send

        async def watched(commands: Any, deadline: float) -> Any:
            nonlocal flying
            flying += 1
            assert flying <= 4
            sizes.append(len(commands))
            try:
                return await send(commands, deadline)
            finally:
                flying -= 1

        level._calls._send = watched
        answers = await asyncio.gather(*(level.run([("INCR", n)] * 3, deadline=AMPLE) for n in range(200)))
        assert all(isinstance(answer, tuple) and len(answer) == 3 for answer in answers)
        await level.close()
    assert sizes == [99] * 6 + [6]


async def test_over_rest_a_request_that_all_gave_up_is_counted_all_the_same() -> None:
    async with FakeRest(lambda _: Answer("", hang=True)) as server:
        level = RestLevel(RestUrl("http", "127.0.0.1", server.port), Secret("token"))
        call = asyncio.create_task(level.run([("INCR", "n"), ("INCR", "n")], deadline=AMPLE))
        async with asyncio.timeout(AMPLE):
            await server.asked.wait()
        call.cancel()
        await until(lambda: level.commands_used == 2)
        await level.close()


async def test_over_rest_a_refusal_of_the_whole_request_is_everybodys() -> None:
    async with FakeRest(lambda _: error("WRONGPASS invalid or missing auth token", 401)) as server:
        level = RestLevel(RestUrl("http", "127.0.0.1", server.port), Secret("token"))
        answers = await asyncio.gather(level.read(["k"], deadline=AMPLE), level.run([("PING",)], deadline=AMPLE))
        assert [answer.fault for answer in answers if isinstance(answer, LevelFault)] == [Fault.REFUSED] * 2
        await level.close()


class FixedResolver:
    """Knows one name, at an address that refuses and at one that answers."""

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        if host != "cache.upstash.test":
            raise ResolveError(ResolveFailure.UNKNOWN_NAME, host)
        return (Address("127.0.0.9"), Address("127.0.0.1"))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def tls_redis(authority: trustme.CA, rest: Any) -> AsyncIterator[int]:
    """TLS in front of the real server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("cache.upstash.test").configure_cert(context)
    address = RespAddress.parse(rest.redis_url.reveal())
    assert address is not None
    tasks: list[asyncio.Task[Any]] = []

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                target.write(data)
        target.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", address.port)
        tasks.extend([asyncio.create_task(copy(reader, back)), asyncio.create_task(copy(there, writer))])

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_over_resp_tls_checks_the_name_at_the_address_our_resolver_gave(
    tls_redis: int, authority: trustme.CA, rest: Any
) -> None:
    password = RespAddress.parse(rest.redis_url.reveal())
    assert password is not None
    context = ssl.create_default_context()
    authority.configure_trust(context)
    address = RespAddress("cache.upstash.test", tls_redis, password.password)
    level = RespLevel(address, resolver=FixedResolver(), tls=context)
    assert await done(level, ("SET", "k", "v"), ("GET", "k")) == ["OK", "v"]
    ear = Ear(level, "c")
    assert await ear.next() == ChannelEvent("connected")
    await ear.close()
    await level.close()
    stranger = RespLevel(address, resolver=FixedResolver())
    assert (await fault_of(stranger)).fault is Fault.UNREACHABLE
    assert "TLS" in (await fault_of(stranger)).message
    nowhere = RespLevel(RespAddress("gone.upstash.test", tls_redis, password.password), resolver=FixedResolver())
    assert "gone.upstash.test" in (await fault_of(nowhere)).message


async def test_a_companys_authority_is_trusted_over_resp_once_it_is_kept(
    tls_redis: int, authority: trustme.CA, rest: Any, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = RespAddress.parse(rest.redis_url.reveal())
    assert password is not None
    address = RespAddress("cache.upstash.test", tls_redis, password.password)
    refused = RespLevel(address, resolver=FixedResolver())
    assert "TLS" in (await fault_of(refused)).message
    file = project.root / "company.pem"
    authority.cert_pem.write_to_path(file)
    keep_authority(project, file)
    for name, value in trusted_roots(project, {}).items():
        monkeypatch.setenv(name, value)
    level = RespLevel(address, resolver=FixedResolver())
    assert await done(level, ("SET", "k", "v"), ("GET", "k")) == ["OK", "v"]
    await level.close()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rediss://default:s%40cret@name.upstash.io:6380/2", "rediss://default:•••••@name.upstash.io:6380/2"),
        ("redis://:s@127.0.0.1", "redis://:•••••@127.0.0.1:6379/0"),
        ("https://name.upstash.io", None),
        ("rediss://name:port", None),
        ("rediss://", None),
        ("redis://h/x", None),
        ("redis://[::1", None),
    ],
)
def test_an_address_is_read_and_printed_masked(text: str, shown: str | None) -> None:
    address = RespAddress.parse(text)
    assert (str(address) if address is not None else None) == shown
    assert "s@cret" not in repr(address)
