"""Whether the cache also answers over TCP, in Redis' own protocol (RESP2), next to its REST interface.

Upstash: TLS always, port 6379, user `default`, and with newer databases the REST token is the password as well
(upstash/docs, redis/howto/connectclient); where it is not, the server still answered, which is what is asked here.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Mapping
from typing import Final

from soundcheck.stores.probe.layer import Fact
from soundcheck.stores.probe.tcp import hang_up
from soundcheck.stores.proven_stream import TcpStream, open_proven
from soundcheck.stores.resolver import ResolveError, Resolver
from soundcheck.stores.resp_line import command, first_line
from soundcheck.stores.secret import Secret
from soundcheck.stores.stranger import Stranger

PORT: Final = 6379


async def probe_resp(
    host: str,
    token: Secret,
    resolver: Resolver,
    *,
    port: int = PORT,
    tls: ssl.SSLContext | None = None,
    deadline: float = 2.0,
) -> Mapping[str, Fact]:
    """One AUTH and one PING over TLS. Never raises for an expected failure.

    Facts: `reached` (something spoke RESP), `accepted` (the token is the password too), `elapsed_ms`, and `code` for
    what stood in the way: `timeout`, `name`, `not_ours`, `refused`, `tls`, `cut`, `not_resp`.
    """
    started = time.perf_counter()
    stream: TcpStream | None = None
    facts: dict[str, Fact] = {"reached": False, "accepted": False, "code": ""}
    try:
        async with asyncio.timeout(deadline):
            addresses = await resolver.resolve(host, deadline=deadline)
            context = tls or ssl.create_default_context()
            number = addresses[0].number
            stream = await open_proven(number, port, token, ssl=context, server_hostname=host)
            facts |= await _ask(stream, token)
    except TimeoutError:
        facts["code"] = "timeout"
    except ResolveError:
        facts["code"] = "name"
    except Stranger:
        facts["code"] = "not_ours"
    except ConnectionRefusedError:
        facts["code"] = "refused"
    except ssl.SSLError:
        facts["code"] = "tls"
    except (OSError, asyncio.IncompleteReadError):
        facts["code"] = "cut"
    finally:
        with contextlib.suppress(OSError):
            await hang_up(stream)
    facts["elapsed_ms"] = round((time.perf_counter() - started) * 1000, 1)
    return facts


async def _ask(stream: TcpStream, token: Secret) -> dict[str, Fact]:
    reader, writer = stream
    writer.write(command("AUTH", "default", token.reveal()) + command("PING"))
    await writer.drain()
    first = await first_line(reader)
    if first[:1] not in {"+", "-"}:
        return {"code": "not_resp"}
    return {"reached": True, "accepted": first.startswith("+OK")}
