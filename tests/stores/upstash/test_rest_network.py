"""The REST client against networks that hang, cut, refuse, redirect names and stand in between."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any

import pytest
import trustme

from soundcheck.stores.resolver import Address, ResolveError, ResolveFailure
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest import Reply, RestClient, TransportFailure
from soundcheck.stores.upstash.rest_url import RestUrl

TOKEN = Secret("the-token-9q")


async def ask(url: RestUrl, *, deadline: float = 5.0, **options: Any) -> Reply:
    """One GET."""
    client = RestClient(url, TOKEN, deadline=deadline, **options)
    try:
        return await client.command("GET", "k")
    finally:
        await client.close()


class FixedResolver:
    """Answers from a table, and counts."""

    def __init__(self, *numbers: str, failure: ResolveFailure | None = None) -> None:
        self.numbers = numbers
        self.failure = failure
        self.asked: list[str] = []

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        self.asked.append(host)
        if self.failure is not None:
            raise ResolveError(self.failure, host)
        return tuple(Address(number, ":" in number) for number in self.numbers)


# What the network does


async def test_a_server_that_hangs_is_left_at_the_deadline(serve: Any) -> None:
    hanging = asyncio.Event()

    async def hang(_: bytes, writer: asyncio.StreamWriter) -> None:
        await hanging.wait()

    server = await serve(hang)
    client = RestClient(server.url, TOKEN, deadline=60)
    reply = await client.command("GET", "k", deadline=0.05)
    assert (reply.failure, reply.status, client.commands_used) == (TransportFailure.TIMEOUT, 0, 1)
    assert "0.05 s" in reply.error
    hanging.set()
    await client.close()


async def test_a_server_that_drips_is_left_at_the_deadline_too(serve: Any) -> None:
    async def drip(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.005)

    server = await serve(drip)
    assert (await ask(server.url, deadline=0.1)).failure is TransportFailure.TIMEOUT


async def test_callers_that_wait_for_a_free_place_keep_their_deadline(serve: Any) -> None:
    hanging = asyncio.Event()

    async def hang(_: bytes, writer: asyncio.StreamWriter) -> None:
        await hanging.wait()

    server = await serve(hang)
    client = RestClient(server.url, TOKEN, deadline=0.1)
    replies = await asyncio.gather(*(client.command("GET", "k") for _ in range(12)))
    assert {reply.failure for reply in replies} == {TransportFailure.TIMEOUT}
    hanging.set()
    await client.close()


async def test_a_cancelled_call_gives_its_place_back(serve: Any, reply_json: Any) -> None:
    hanging = asyncio.Event()

    async def hang_once(_: bytes, writer: asyncio.StreamWriter) -> None:
        await hanging.wait()
        server.behave = reply_json({"result": "v"})

    server = await serve(hang_once)
    client = RestClient(server.url, TOKEN)
    calls = [asyncio.create_task(client.command("GET", "k")) for _ in range(4)]
    while len(server.requests) < 4:
        await asyncio.sleep(0)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    server.behave = reply_json({"result": "v"})
    assert (await client.command("GET", "k")).value == "v"
    hanging.set()
    await client.close()


async def test_a_closed_port_is_refused_and_costs_no_command() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        client = RestClient(RestUrl("http", "127.0.0.1", holder.getsockname()[1]), TOKEN)
        reply = await client.command("GET", "k")
        assert (reply.failure, client.commands_used) == (TransportFailure.REFUSED, 0)
        await client.close()


@pytest.mark.parametrize(
    "half", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", b"SSH-2.0-x\r\n"]
)
async def test_a_connection_cut_in_the_middle_is_a_reset(serve: Any, half: bytes) -> None:
    async def cut(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(half)
        writer.close()

    server = await serve(cut)
    reply = await ask(server.url)
    assert reply.failure is TransportFailure.RESET
    assert TOKEN.reveal() not in reply.error


async def test_a_reset_connection_is_opened_again_by_the_next_call(serve: Any, reply_json: Any) -> None:
    async def cut(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await serve(cut)
    client = RestClient(server.url, TOKEN)
    assert (await client.command("GET", "k")).failure is TransportFailure.RESET
    server.behave = reply_json({"result": "v"})
    assert (await client.command("GET", "k")).value == "v"
    await client.close()


@pytest.mark.parametrize("token", ["two\nlines", "carriage\rreturn", "a blank", "", "ümlaut", "nul\x00"])
async def test_a_token_that_fits_no_header_is_refused_before_anything_is_sent(
    serve: Any, reply_json: Any, token: str
) -> None:
    server = await serve(reply_json({"result": "v"}))
    client = RestClient(server.url, Secret(token))
    reply = await client.command("GET", "k")
    assert (reply.failure, reply.status, client.commands_used) == (TransportFailure.INVALID_TOKEN, 0, 0)
    assert server.connections == 0
    assert "lines" not in reply.error
    await client.close()


async def test_a_closed_client_says_so() -> None:
    client = RestClient(RestUrl("http", "127.0.0.1", 1), TOKEN)
    await client.close()
    await client.close()
    assert (await client.command("PING")).failure is TransportFailure.CLOSED


# Names, TLS and proxies


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _server_side(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def _client_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_our_resolvers_address_is_used_with_the_names_host_header_and_sni(
    serve: Any, reply_json: Any, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soundcheck.stores.upstash.transport.getproxies", dict)
    server = await serve(reply_json({"result": "v"}), _server_side(authority, "name.upstash.test"))
    resolver = FixedResolver("127.0.0.1")
    url = RestUrl("https", "name.upstash.test", server.port)
    client = RestClient(url, TOKEN, resolver=resolver, tls=_client_side(authority))
    assert [(await client.command("GET", "k")).value for _ in range(3)] == ["v"] * 3
    assert resolver.asked == ["name.upstash.test"]
    assert b"host: name.upstash.test:%d\r\n" % server.port in server.requests[0].lower()
    await client.close()
    wrong = await ask(
        RestUrl("https", "other.upstash.test", server.port), resolver=resolver, tls=_client_side(authority)
    )
    assert wrong.failure is TransportFailure.TLS


async def test_a_certificate_that_nobody_vouches_for_is_a_tls_failure(
    serve: Any, reply_json: Any, authority: trustme.CA
) -> None:
    server = await serve(reply_json({"result": "v"}), _server_side(authority, "127.0.0.1"))
    reply = await ask(RestUrl("https", "127.0.0.1", server.port))
    assert reply.failure is TransportFailure.TLS
    assert server.requests == []


async def test_a_server_without_tls_is_a_tls_failure() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 The plain HTTP request was sent to HTTPS port\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        reply = await ask(RestUrl("https", "127.0.0.1", server.sockets[0].getsockname()[1]))
    assert reply.failure is TransportFailure.TLS


async def test_the_next_address_is_tried_where_the_first_refuses(serve: Any, reply_json: Any) -> None:
    server = await serve(reply_json({"result": "v"}))
    resolver = FixedResolver("127.0.0.9", "127.0.0.1")
    assert (await ask(RestUrl("http", "localhost", server.port), resolver=resolver)).value == "v"


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (ResolveFailure.UNKNOWN_NAME, TransportFailure.DNS),
        (ResolveFailure.NO_NETWORK, TransportFailure.NO_NETWORK),
        (ResolveFailure.TIMEOUT, TransportFailure.TIMEOUT),
    ],
)
async def test_a_name_without_an_address_is_told(
    failure: ResolveFailure, expected: TransportFailure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soundcheck.stores.upstash.transport.getproxies", dict)
    url = RestUrl("https", "gone.upstash.test", None)
    reply = await ask(url, resolver=FixedResolver(failure=failure))
    assert reply.failure is expected


async def test_loopback_never_goes_through_a_proxy(
    serve: Any, reply_json: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = await serve(reply_json({"result": "proxied"})), await serve(reply_json({"result": "direct"}))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, str(proxy.url))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert (await ask(server.url)).value == "direct"
    assert (await ask(RestUrl("http", "localhost", server.port))).value == "direct"
    assert (await ask(RestUrl("http", "name.upstash.test", 80))).value == "proxied"
    assert proxy.requests[0].startswith(b"POST http://name.upstash.test/ HTTP/1.1\r\n")


async def test_no_proxy_is_respected(serve: Any, reply_json: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = await serve(reply_json({"result": "proxied"})), await serve(reply_json({"result": "direct"}))
    monkeypatch.setenv("http_proxy", str(proxy.url))
    monkeypatch.setenv("no_proxy", "upstash.test")
    url = RestUrl("http", "name.upstash.test", server.port)
    assert (await ask(url, resolver=FixedResolver("127.0.0.1"))).value == "direct"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:notaport", "ftp://127.0.0.1"])
async def test_a_proxy_that_cannot_be_used_is_told(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert (await ask(RestUrl("http", "name.upstash.test", None))).failure is TransportFailure.PROXY
