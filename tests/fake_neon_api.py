"""Neon's two interfaces as documented: claimable databases without a key, projects with one.

What it hands out is `give()`, the address of a database that is really there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fake_vendor import Asked, FakeVendor, Told

CLAIMABLE = "/api/v1/database"
PROJECTS = "/api/v2/projects"
KEY = "napi_fake_key_of_a_test_account_0001"


class FakeNeon(FakeVendor):
    """`made` are the claimable databases by id; `projects` those of the account; `orgs` its organisations."""

    def __init__(
        self,
        give: Callable[[], str],
        *,
        lives: timedelta = timedelta(hours=72),
        first: Callable[[Asked], Told | None] = lambda _: None,
    ) -> None:
        """What `first` answers is not answered here."""
        super().__init__()
        self.give = give
        self.first = first
        self.lives = lives
        self.made: dict[str, dict[str, Any]] = {}
        self.projects: list[dict[str, Any]] = []
        self.addresses: dict[str, str] = {}
        self.orgs: list[str] = []

    def answer(self, asked: Asked) -> Told:
        """As neon.com/docs/reference/claimable-postgres and api-docs.neon.tech say."""
        parts = urlsplit(asked.path)
        if (told := self.first(asked)) is not None:
            return told
        if parts.path.startswith(CLAIMABLE):
            return self._claimable(asked, parts.path.removeprefix(CLAIMABLE).strip("/"))
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return Told({"code": "", "message": "supplied credentials do not pass authentication"}, 401)
        return self._management(asked, parts.path, {n: v[0] for n, v in parse_qs(parts.query).items()})

    def claim(self) -> None:
        """Somebody opened the links and logged in."""
        for one in self.made.values():
            one |= {"status": "CLAIMED", "connection_string": None}

    def _claimable(self, asked: Asked, known: str) -> Told:
        if asked.method == "GET":
            return Told(self.made[known]) if known in self.made else Told({"message": "Database not found"}, 400)
        if not isinstance(asked.body, dict) or not asked.body.get("ref"):
            return Told({"message": "Missing referrer"}, 400)
        now = datetime.now(UTC)
        name = str(uuid.uuid4())
        self.made[name] = {
            "id": name,
            "status": "UNCLAIMED",
            "neon_project_id": "gentle-scene-06438508",
            "connection_string": self.give(),
            "claim_url": f"https://neon.new/claim/{name}",
            "expires_at": _stamp(now + self.lives),
            "created_at": _stamp(now),
            "updated_at": _stamp(now),
        }
        return Told(self.made[name])

    def _management(self, asked: Asked, path: str, query: dict[str, str]) -> Told:
        if path == "/api/v2/users/me/organizations":
            return Told({"organizations": [{"id": org, "name": org} for org in self.orgs]})
        wanted = asked.body["project"] if isinstance(asked.body, dict) else {}
        if self.orgs and path == PROJECTS and (query | wanted).get("org_id") not in self.orgs:
            return Told({"code": "", "message": "org_id is required, you can find it on your organization page"}, 400)
        if path == PROJECTS and asked.method == "POST":
            project = {
                "id": f"misty-lake-{len(self.projects)}",
                "name": wanted["name"],
                "region_id": wanted["region_id"],
            }
            self.projects.append(project)
            self.addresses[project["id"]] = self.give()
            return Told({"project": project, "operations": []}, 201)
        if path == PROJECTS:
            return Told({"projects": [p for p in self.projects if query.get("search", "") in p["name"]]})
        known, _, rest = path.removeprefix(PROJECTS + "/").partition("/")
        if known not in self.addresses:
            return Told({"code": "", "message": "project not found"}, 404)
        if rest == "connection_uri":
            return Told({"uri": self.addresses[known]})
        return Told({"project": {"id": known, "compute_time_seconds": 7200, "data_transfer_bytes": 4096}})


def _stamp(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
