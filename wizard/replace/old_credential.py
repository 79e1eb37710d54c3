"""Whether a credential that was replaced is still taken: it should be refused, or it was not really rotated."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.probe.layer import Layer, LayerName
from soundcheck.stores.probe.postgres_errors import PostgresCode
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.error_texts import UpstashError
from soundcheck.wizard.replace.plan import CredentialExchange

_REFUSED: Final = frozenset(
    {
        PostgresCode.PASSWORD,
        PostgresCode.NO_PASSWORD,
        PostgresCode.UNKNOWN_ROLE,
        PostgresCode.ROLE_CANNOT_LOGIN,
        UpstashError.BAD_TOKEN,
    }
)
_CONSOLES: Final = {
    Half.DATABASE: "Reset it in the console: Neon, Roles & Databases, Reset password: https://console.neon.tech",
    Half.CACHE: "Reset it in the console: Upstash, Details, Reset credentials: https://console.upstash.com",
}


class OldState(StrEnum):
    """What the server said to the old one."""

    REFUSED = "refused"
    ACCEPTED = "accepted"
    ELSEWHERE = "elsewhere"
    """Still accepted, at another place than the new one, which is as it should be."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OldCredential:
    """The state, in words, with what to do."""

    state: OldState
    text: str
    hint: str = ""


async def ask_old(services: Services, exchange: CredentialExchange) -> OldCredential:
    """Sign in with the old one, once. Never raises for what the other side says; writes nothing."""
    layer = await (_postgres(services, exchange) if exchange.half is Half.DATABASE else _rest(services, exchange))
    what = "password" if exchange.half is Half.DATABASE else "token"
    if layer is None:
        return OldCredential(OldState.UNKNOWN, f"There was no old {what}, so none is asked for.")
    code = layer.code
    if layer.passed or code == PostgresCode.DATABASE_MISSING:
        if exchange.same_place:
            return OldCredential(
                OldState.ACCEPTED,
                f"The old {what} is still accepted: whoever has it gets in.",
                _console(services, exchange),
            )
        return OldCredential(
            OldState.ELSEWHERE,
            f"The old {exchange.half} is another one; it is still there and still takes its {what}.",
            "Delete it in its console once you need nothing of it.",
        )
    if code in _REFUSED:
        return OldCredential(OldState.REFUSED, f"The old {what} is refused, as it should be.")
    why = layer.text or code.replace("_", " ")
    return OldCredential(
        OldState.UNKNOWN, f"Whether the old {what} is refused could not be asked: {why}", _console(services, exchange)
    )


def _console(services: Services, exchange: CredentialExchange) -> str:
    old = exchange.old
    known = (
        old.database_url is not None and old.database_url.is_neon
        if exchange.half is Half.DATABASE
        else old.rest_url is not None and old.rest_url.host.endswith(".upstash.io")
    )
    if known:
        return _CONSOLES[exchange.half]
    return "Change it on the server: " + (
        "ALTER ROLE … PASSWORD …" if exchange.half is Half.DATABASE else "give it another token"
    )


async def _postgres(services: Services, exchange: CredentialExchange) -> Layer | None:
    from soundcheck.stores.local.stack import LocalStack
    from soundcheck.stores.probe.postgres import PostgresProbe

    url = exchange.old.direct
    if url is None or url.password is None:
        return None
    local = LocalStack(services.project.local).owns(url)
    probe = PostgresProbe(url, services.resolver, is_local=local, clock=services.clock)
    async with contextlib.aclosing(probe):
        return await probe.layer(LayerName.AUTHENTICATION)


async def _rest(services: Services, exchange: CredentialExchange) -> Layer | None:
    from soundcheck.stores.probe.rest import RestProbe

    url, token = exchange.old.rest_url, exchange.old.rest_token
    if url is None or token is None:
        return None
    async with contextlib.aclosing(RestProbe(url, token, services.resolver, clock=services.clock)) as probe:
        return await probe.layer(LayerName.PING)
