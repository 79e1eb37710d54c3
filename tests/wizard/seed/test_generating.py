"""What is generated, without a database."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from soundcheck.stores.errors import UsageError
from soundcheck.wizard.seed.plan import PREFIX, SeedPlan
from soundcheck.wizard.seed.tables import SEED_TABLES

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("users", [1, 2, 3, 40])
def test_every_size_gives_rows_that_fit_their_columns_and_point_to_rows_that_are_there(users: int) -> None:
    plan = SeedPlan.of(users, 5, NOW)
    rows = {t.name: [dict(zip(t.columns, row, strict=True)) for row in t.rows(plan)] for t in SEED_TABLES}
    people = {row["id"] for row in rows["users"]}
    parties = {row["id"] for row in rows["sessions"]}
    assert len(people) == users
    for name, found in rows.items():
        ids = [row["id"] for row in found]
        assert len(set(ids)) == len(ids), name
        assert all(one.startswith(PREFIX) for one in ids), name
        for row in found:
            assert row.get("userId", row.get("hostId")) in people | {None}, name
            assert row.get("sessionId") in parties | {None}, name
            assert all(value <= NOW for key, value in row.items() if key in {"createdAt", "playedAt", "updatedAt"})
            assert not any("\x00" in value for value in row.values() if isinstance(value, str))
    assert len({row["email"] for row in rows["users"]}) == users
    members = [(row["sessionId"], row["userId"]) for row in rows["session_participants"]]
    assert len(set(members)) == len(members)
    for row in rows["lyrics"]:
        times = [line["time"] for line in json.loads(row["syncedLyrics"])]
        assert times == sorted(times)
    for row in rows["sessions"]:
        assert row["expiresAt"] - row["createdAt"] == timedelta(hours=24)
        assert len(row["sessionCode"]) <= 10
    assert all(row["password"].startswith("$seed$this-is-no-hash") for row in rows["users"])


def test_rows_are_made_one_at_a_time() -> None:
    plan = SeedPlan.of(100_000, 1, NOW)
    plays = next(table for table in SEED_TABLES if table.name == "recently_played")
    tracemalloc.start()
    for _ in islice(plays.rows(plan), 20_000):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.parametrize("users", [0, -1, 10**9])
def test_an_impossible_number_of_users_is_refused(users: int) -> None:
    with pytest.raises(UsageError, match="--users is between"):
        SeedPlan.of(users, 1, NOW)
