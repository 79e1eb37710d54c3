"""`soundcheck seed` behind the guard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from soundcheck.stores.errors import Refused, UsageError
from soundcheck.stores.project.project import Profile, ProfileKind
from soundcheck.stores.services import Services

Call = Callable[..., Any]


@pytest.fixture
def development(services: Services) -> Services:
    return replace(services, project=replace(services.project, profile=Profile(kind=ProfileKind.DEV)))


async def test_seed_fills_says_the_prediction_first_and_removes(
    run: Call, read_json: Call, development: Services, owner: psycopg.Connection
) -> None:
    ran = await run("seed", "--users", "5", using=development)
    assert "About" in ran.stderr.splitlines()[0]
    assert "free 0.5 GB" in ran.stderr.splitlines()[0]
    assert ran.startswith("Wrote ")
    assert ran.stderr.splitlines()[-1] == "  To take exactly these rows out again: soundcheck seed --remove"
    again = await read_json("seed", "--users", "5", "--now", "2026-11-20", using=development)
    assert again["replaced"] > 0
    assert again["rows"]["users"] == 5
    gone = await read_json("seed", "--remove", using=development)
    assert gone["rows"] == again["rows"]
    assert owner.execute("SELECT count(*) FROM users").fetchone() == (0,)


async def test_a_database_of_unknown_kind_needs_its_name(
    run: Call, services: Services, owner: psycopg.Connection
) -> None:
    assert services.database is not None
    name = services.database.url.database
    for words in (["--users", "3"], ["--remove"]):
        with pytest.raises(Refused) as caught:
            await run("seed", *words)
        assert f"--production {name}" in caught.value.hint
    assert owner.execute("SELECT count(*) FROM users").fetchone() == (0,)
    ran = await run("seed", "--users", "3", "--production", name)
    assert ran.stderr.endswith(f"soundcheck seed --remove --production {name}\n")
    assert owner.execute("SELECT count(*) FROM users").fetchone() == (3,)


async def test_a_day_that_is_none_is_refused(run: Call, development: Services) -> None:
    with pytest.raises(UsageError, match="is not a date"):
        await run("seed", "--now", "yesterday", using=development)
