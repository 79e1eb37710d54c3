"""Upstash's management API with the user's own key: find or make a database, its token, what it used.

`https://api.upstash.com/v2`, HTTP Basic `EMAIL:API_KEY` (upstash.com/docs/devops/developer-api). Asking here costs no
command of the database. Accounts that came through another platform have no such key.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.cloud.exchange import CloudProblem, CloudReply, Exchange, unusable
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

VENDOR: Final = "Upstash"
_ROOT: Final = "/v2/redis"


@dataclass(frozen=True, slots=True)
class UpstashDatabase:
    """A database of the account. `rest_token` is None where the answer leaves it out."""

    id: str
    name: str
    rest_url: RestUrl
    rest_token: Secret | None
    region: str
    state: str
    """`active`, `suspended` or `passive`."""


@dataclass(frozen=True, slots=True)
class UpstashUsage:
    """What a database used; None where the answer does not say. Bytes where it is a size."""

    monthly_requests: int | None
    daily_requests: int | None
    monthly_bandwidth: int | None
    storage: int | None


class UpstashApi:
    """Requests with one account's key. Every method returns a `CloudProblem` in place of an exception."""

    def __init__(self, email: Secret, key: Secret, address: RestUrl, exchange: Exchange | None = None) -> None:
        self._email = email
        self._key = key
        self._address = address
        self._exchange = exchange if exchange is not None else Exchange()

    async def databases(self) -> list[UpstashDatabase] | CloudProblem:
        """All databases of the account."""
        answer = await self._ask("GET", "/databases")
        if isinstance(answer, CloudProblem):
            return answer
        body = answer.json()
        if not isinstance(body, list):
            return unusable(VENDOR, answer, "half an answer", maybe_done=False)
        return [database for one in body if (database := _database(one)) is not None]

    async def database(self, known: str) -> UpstashDatabase | CloudProblem:
        """One database with its token."""
        answer = await self._ask("GET", f"/database/{quote(known, safe='')}")
        return answer if isinstance(answer, CloudProblem) else _whole_database(answer, made=False)

    async def create_database(self, name: str, region: str) -> UpstashDatabase | CloudProblem:
        """Make one on AWS in `region`. After `maybe_done` look for the name before asking again."""
        wanted = {"database_name": name, "platform": "aws", "primary_region": region, "tls": True}
        answer = await self._ask("POST", "/database", content=wanted)
        return answer if isinstance(answer, CloudProblem) else _whole_database(answer, made=True)

    async def usage(self, known: str) -> UpstashUsage | CloudProblem:
        """What a database used this month."""
        answer = await self._ask("GET", f"/stats/{quote(known, safe='')}")
        if isinstance(answer, CloudProblem):
            return answer
        body = answer.json()
        if not isinstance(body, dict):
            return unusable(VENDOR, answer, "half an answer", maybe_done=False)
        return UpstashUsage(
            _number(body, "total_monthly_requests"),
            _number(body, "daily_net_commands"),
            _number(body, "total_monthly_bandwidth"),
            _number(body, "current_storage"),
        )

    async def _ask(self, method: str, path: str, *, content: object = None) -> CloudReply | CloudProblem:
        pair = f"{self._email.reveal()}:{self._key.reveal()}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}", "Accept": "application/json"}
        return await self._exchange.ask(VENDOR, method, self._address, _ROOT + path, headers=headers, content=content)


def _whole_database(reply: CloudReply, *, made: bool) -> UpstashDatabase | CloudProblem:
    return _database(reply.json()) or unusable(VENDOR, reply, "half an answer", maybe_done=made)


def _database(body: object) -> UpstashDatabase | None:
    """One database. `endpoint` is a host, or its first label (upstash/cli completes it)."""
    if not isinstance(body, dict) or not isinstance(body.get("database_id"), str):
        return None
    host = str(body.get("endpoint", ""))
    if "://" not in host:
        host = f"https://{host if '.' in host else f'{host}.upstash.io'}"
    try:
        url = RestUrl.parse(host)
    except UrlProblem:
        return None
    token = body.get("rest_token")
    return UpstashDatabase(
        body["database_id"],
        str(body.get("database_name", "")),
        url,
        Secret(token) if isinstance(token, str) and token else None,
        str(body.get("primary_region") or body.get("region") or ""),
        str(body.get("state", "")),
    )


def _number(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    return round(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
