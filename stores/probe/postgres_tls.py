"""The TLS layer of PostgreSQL: ask for TLS as libpq does, read the certificate, judge it by the URL's `sslmode`.

The certificate is read even where it is not to be trusted, because its issuer says who is in between. Facts: PostgreSQL
18 documentation, "Message Formats" (SSLRequest) and "SSL Support" (meaning of the modes).
"""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from soundcheck.stores.postgres.settings import SslMode, ssl_mode
from soundcheck.stores.postgres.system_roots import system_roots
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.layer import Fact, LayerError, NotNeededError
from soundcheck.stores.probe.postgres_errors import PostgresCode, classify, shorten
from soundcheck.stores.probe.tcp import hang_up
from soundcheck.stores.probe.tls import certificate_facts, distrust_code, reading_context, shake_hands
from soundcheck.stores.proven_stream import TcpStream

_SSL_REQUEST: Final = struct.pack("!ii", 8, 80877103)
_DEFAULT_ROOT: Final = Path(".postgresql/root.crt")
_VERIFYING: Final = frozenset({SslMode.VERIFY_CA, SslMode.VERIFY_FULL})
_PLAIN: Final = frozenset({SslMode.DISABLE, SslMode.ALLOW})

Reconnect = Callable[[], Awaitable[TcpStream]]


async def probe_tls(url: PostgresUrl, connect: Reconnect) -> dict[str, Fact]:
    """The TLS layer's facts, over streams that `connect` opens; raises `LayerError` or `NotNeededError`.

    libpq verifies wherever root certificates are there, whatever the mode. Where none are, a stranger's certificate is
    the fact `trusted` (looked at for Neon only, whose own one is trusted everywhere).
    """
    mode = _declared_mode(url)
    if mode in _PLAIN:
        raise NotNeededError(f"sslmode={mode} asks for no encryption", {"encrypted": False, "sslmode": mode.value})
    facts: dict[str, Fact] = {"sslmode": mode.value}
    roots = _roots(url, mode)
    distrust: ssl.SSLCertVerificationError | None = None
    if roots is not None or url.is_neon:
        context = _verifying_context(roots or system_roots(), by_name=mode is SslMode.VERIFY_FULL or roots is None)
        try:
            facts.update(await _handshake(url, mode, connect, context))
            facts["trusted"] = bool(facts["encrypted"])
            return facts
        except ssl.SSLCertVerificationError as problem:
            distrust = problem
    facts.update(await _handshake(url, mode, connect, reading_context()))
    if distrust is not None:
        facts.update(trusted=False, distrust=distrust.verify_message)
        if roots is not None and mode is SslMode.PREFER:
            facts["encrypted"] = False  # libpq goes on in plain text
        elif roots is not None:
            raise LayerError(distrust_code(distrust), distrust.verify_message, facts)
    return facts


def _declared_mode(url: PostgresUrl) -> SslMode:
    """The mode as it stands in the URL; raises `LayerError` for one that libpq refuses."""
    mode = ssl_mode(url)
    if mode is None:
        raise LayerError(PostgresCode.BAD_SSLMODE, f"sslmode={url.param('sslmode')}")
    if url.param("sslrootcert") == "system" and url.param("sslmode") not in {None, SslMode.VERIFY_FULL}:
        raise LayerError(PostgresCode.WEAK_SSLMODE, "sslrootcert=system needs sslmode=verify-full")
    return SslMode(url.param("sslmode") or mode)


def _roots(url: PostgresUrl, mode: SslMode) -> str | None:
    """The file of root certificates that libpq verifies with; None where it has none and does not insist."""
    named = url.param("sslrootcert")
    if named == "system":
        return system_roots()
    path = Path(named) if named else Path.home() / _DEFAULT_ROOT
    if path.exists():
        return str(path)
    if mode in _VERIFYING:
        shown = named or f"~/{_DEFAULT_ROOT}"
        raise LayerError(PostgresCode.TLS_NO_ROOT, f'root certificate file "{shown}" does not exist')
    return None


async def _handshake(url: PostgresUrl, mode: SslMode, connect: Reconnect, context: ssl.SSLContext) -> dict[str, Fact]:
    stream = await connect()
    try:
        if url.param("sslnegotiation") == "direct":
            context.set_alpn_protocols(["postgresql"])
        elif not await _asks_for_tls(stream, mode):
            return {"encrypted": False}
        session = await shake_hands(stream, context, url.host)
    except (ConnectionError, asyncio.IncompleteReadError) as problem:
        raise LayerError(PostgresCode.CUT, f"the connection ended in the middle ({type(problem).__name__})") from None
    finally:
        await hang_up(stream)
    return certificate_facts(session)


async def _asks_for_tls(stream: TcpStream, mode: SslMode) -> bool:
    """Whether the server agreed to TLS. Raises `LayerError` where the mode insists and it did not."""
    reader, writer = stream
    writer.write(_SSL_REQUEST)
    await writer.drain()
    answer = await reader.readexactly(1)
    if answer == b"S":
        return True
    if answer == b"N":
        if mode is SslMode.PREFER:
            return False
        raise LayerError(PostgresCode.TLS_NOT_OFFERED, "server does not support SSL, but SSL was required")
    if answer == b"E":
        said = (await reader.read(2000))[4:].replace(b"\0", b" ").decode("utf-8", "replace")
        raise LayerError(classify(said), shorten(said))
    raise LayerError(PostgresCode.NOT_POSTGRES, "what answered is not a PostgreSQL server")


def _verifying_context(roots: str, *, by_name: bool) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=roots)
    except (OSError, ssl.SSLError):
        raise LayerError(PostgresCode.TLS_NO_ROOT, f'could not read root certificate file "{roots}"') from None
    context.check_hostname = by_name
    return context
