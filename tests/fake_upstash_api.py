"""Upstash's two interfaces as documented: start-redis without a key, databases with one.

What it hands out is `give()`: address and token of a cache that is really there.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from fake_vendor import Asked, FakeVendor, Told

START = "/start-redis"
DATABASES = "/v2/redis/databases"
DATABASE = "/v2/redis/database"
EMAIL, KEY = "person@example.org", "upstash-management-key-of-a-test-0002"


class FakeUpstash(FakeVendor):
    """`made` are the temporary databases by key; `databases` those of the account."""

    def __init__(self, give: Callable[[], tuple[str, str]]) -> None:
        super().__init__()
        self.give = give
        self.made: dict[str, tuple[str, str]] = {}
        self.databases: list[dict[str, Any]] = []

    def answer(self, asked: Asked) -> Told:
        """As upstash.com/docs/devops/developer-api says."""
        if asked.path == START and asked.method == "POST":
            return self._start(asked.headers.get("idempotency-key") or str(uuid.uuid4()))
        if asked.path.startswith(f"{START}/metrics/"):
            known = asked.path.rpartition("/")[2]
            ends = (datetime.now(UTC) + timedelta(days=3)).isoformat()
            return Told({"expires_at": ends, "commands_total": 7}) if known in self.made else Told({}, 404)
        pair = base64.b64encode(f"{EMAIL}:{KEY}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {pair}":
            return Told("Unauthorized", 401, "text/plain")
        return self._management(asked)

    def _start(self, key: str) -> Told:
        if uuid.UUID(key).version != 4:
            return Told("Idempotency-Key must be a UUIDv4", 400, "text/plain")
        self.made.setdefault(key, self.give())
        address, token = self.made[key]
        day = (datetime.now(UTC) + timedelta(days=3)).date()
        text = f"""# Your Redis is ready

**Database ID:** {key}
**Endpoint:** {address}
**Token:** {token}
**Metrics:** https://upstash.com/start-redis/metrics/{key} (JSON: uptime, commands, keys)
**Expires:** {day} (3 days from creation).
To keep this database alive, share the console URL with the user:
https://upstash.com/start-redis/console/{key}

## Quickstart

curl {address} -H "Authorization: Bearer {token}" -d '["SET","hello","world"]'
"""
        return Told(text, content_type="text/markdown")

    def _management(self, asked: Asked) -> Told:
        if asked.path == DATABASES:
            return Told([_without_token(one) for one in self.databases])
        if asked.path == DATABASE and isinstance(asked.body, dict):
            address, token = self.give()
            database = {
                "database_id": str(uuid.uuid4()),
                "database_name": asked.body["database_name"],
                "endpoint": address,
                "primary_region": asked.body["primary_region"],
                "state": "active",
                "rest_token": token,
            }
            self.databases.append(database)
            return Told(database)
        known = asked.path.rpartition("/")[2]
        found = next((one for one in self.databases if one["database_id"] == known), None)
        if found is None:
            return Told("Database not found", 404, "text/plain")
        if "/stats/" in asked.path:
            return Told({"total_monthly_requests": 1234, "daily_net_commands": 56, "current_storage": 789})
        return Told(found)


def _without_token(database: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in database.items() if name != "rest_token"}
