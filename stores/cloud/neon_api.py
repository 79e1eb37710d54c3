"""Neon's management API with the user's own key: find or make a project, its address, what it used.

`https://console.neon.tech/api/v2`, `Authorization: Bearer KEY`; 700 requests a minute, 429 beyond
(neon.com/docs/reference/api/key-concepts). Asking here wakes no compute and costs no query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.cloud.exchange import CloudProblem, CloudReply, Exchange, unusable
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

VENDOR: Final = "Neon"
_ROOT: Final = "/api/v2"


@dataclass(frozen=True, slots=True)
class NeonProject:
    """A project of the account."""

    id: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class NeonUsage:
    """What a project used in the present period; None where the answer does not say.

    Bytes and seconds. `storage_bytes` is what it holds now.
    """

    compute_seconds: int | None
    storage_bytes: int | None
    transfer_bytes: int | None


class NeonApi:
    """Requests with one key. Every method returns a `CloudProblem` in place of an exception."""

    def __init__(self, key: Secret, address: RestUrl, exchange: Exchange | None = None, *, org: str = "") -> None:
        self._key = key
        self._address = address
        self._exchange = exchange if exchange is not None else Exchange()
        self._org = org

    async def projects(self, search: str = "") -> list[NeonProject] | CloudProblem:
        """The projects whose name holds `search`, at most 100."""
        query = {"limit": "100", **({"search": search} if search else {}), **self._of_org()}
        answer = await self._ask("GET", f"/projects?{urlencode(query)}")
        if isinstance(answer, CloudProblem):
            return answer
        body = answer.json()
        found = body.get("projects") if isinstance(body, dict) else None
        if not isinstance(found, list):
            return unusable(VENDOR, answer, "half an answer", maybe_done=False)
        return [project for one in found if (project := _project(one)) is not None]

    async def create_project(self, name: str, region: str) -> NeonProject | CloudProblem:
        """Make one in `aws-REGION`. After `maybe_done` look for the name before asking again."""
        wanted = {"name": name, "region_id": f"aws-{region}", **self._of_org()}
        answer = await self._ask("POST", "/projects", content={"project": wanted})
        if isinstance(answer, CloudProblem):
            return answer
        body = answer.json()
        project = _project(body.get("project")) if isinstance(body, dict) else None
        if project is None:
            return unusable(VENDOR, answer, "half an answer", maybe_done=True)
        return project

    async def connection_uri(
        self, project: str, *, database: str = "neondb", role: str = "neondb_owner"
    ) -> PostgresUrl | CloudProblem:
        """The pooled address with its password."""
        query = urlencode({"database_name": database, "role_name": role, "pooled": "true"})
        answer = await self._ask("GET", f"/projects/{quote(project, safe='')}/connection_uri?{query}")
        if isinstance(answer, CloudProblem):
            return answer
        body = answer.json()
        text = body.get("uri") if isinstance(body, dict) else None
        try:
            return PostgresUrl.parse(text if isinstance(text, str) else "")
        except UrlProblem:
            return unusable(VENDOR, answer, "half an answer", maybe_done=False)

    async def usage(self, project: str) -> NeonUsage | CloudProblem:
        """What a project used in this period. Works on the free plan."""
        answer = await self._ask("GET", f"/projects/{quote(project, safe='')}")
        if isinstance(answer, CloudProblem):
            return answer
        body = answer.json()
        found = body.get("project") if isinstance(body, dict) else None
        if not isinstance(found, dict):
            return unusable(VENDOR, answer, "half an answer", maybe_done=False)
        return NeonUsage(
            _whole(found, "compute_time_seconds"),
            _whole(found, "synthetic_storage_size"),
            _whole(found, "data_transfer_bytes"),
        )

    async def hosts(self, project: str) -> list[str] | CloudProblem:
        """The direct hosts of a project's computes."""
        answer = await self._ask("GET", f"/projects/{quote(project, safe='')}/endpoints")
        if isinstance(answer, CloudProblem):
            return answer
        body = answer.json()
        found = body.get("endpoints") if isinstance(body, dict) else None
        if not isinstance(found, list):
            return unusable(VENDOR, answer, "half an answer", maybe_done=False)
        return [str(one["host"]) for one in found if isinstance(one, dict) and one.get("host")]

    async def organisations(self) -> list[str] | CloudProblem:
        """The ids of the key's organisations; a personal key of an account within one has to name it."""
        answer = await self._ask("GET", "/users/me/organizations")
        if isinstance(answer, CloudProblem):
            return answer
        body = answer.json()
        found = body.get("organizations") if isinstance(body, dict) else None
        return [str(one["id"]) for one in found or [] if isinstance(one, dict) and one.get("id")]

    def within(self, org: str) -> NeonApi:
        """The same key, for what belongs to an organisation."""
        return NeonApi(self._key, self._address, self._exchange, org=org)

    def _of_org(self) -> dict[str, str]:
        return {"org_id": self._org} if self._org else {}

    async def _ask(self, method: str, path: str, *, content: object = None) -> CloudReply | CloudProblem:
        headers = {"Authorization": f"Bearer {self._key.reveal()}", "Accept": "application/json"}
        if not key_can_travel(self._key):
            return CloudProblem("unauthorized", "The key of Neon has a blank or line break in it.", "Copy it again.")
        return await self._exchange.ask(VENDOR, method, self._address, _ROOT + path, headers=headers, content=content)


def key_can_travel(key: Secret) -> bool:
    """Whether a key may stand in a header."""
    return bool(key) and all(0x21 <= ord(letter) <= 0x7E for letter in key.reveal())


def _project(body: object) -> NeonProject | None:
    if not isinstance(body, dict) or not isinstance(body.get("id"), str) or not body["id"]:
        return None
    return NeonProject(body["id"], str(body.get("name", "")), str(body.get("region_id", "")))


def _whole(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
