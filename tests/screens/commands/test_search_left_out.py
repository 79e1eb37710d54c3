"""`rows --search` says where it looked, for people and in JSON; `--search-all` looks everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from soundcheck.stores.errors import UsageError

Call = Callable[..., Any]


@pytest.fixture
def wide(owner: psycopg.Connection) -> None:
    columns = ", ".join(f"c{number} text" for number in range(40))
    owner.execute(f'CREATE TABLE wide (id int PRIMARY KEY, {columns}, "apiToken" text)'.encode())
    owner.execute("INSERT INTO wide (id, c39, \"apiToken\") VALUES (1, 'needle', 'needle-token')")


@pytest.mark.usefixtures("wide")
async def test_what_was_left_out_is_in_the_document_with_the_reason(read_json: Call) -> None:
    document = await read_json("rows", "wide", "--search", "needle")
    assert document["rows"] == []
    search = document["search"]
    assert (search["term"], search["read_as"], len(search["columns"])) == ("needle", "text", 16)
    why = {one["name"]: one["why"] for one in search["left_out"]}
    assert (why["c39"], why["apiToken"], why["id"]) == ("limit", "masked", "type")
    assert len(why) + len(search["columns"]) == 42
    document = await read_json("rows", "wide", "--search", "needle", "--search-all")
    assert [row["id"] for row in document["rows"]] == [1]
    assert document["search"]["left_out"] == [{"name": "apiToken", "why": "masked"}]
    assert "search" not in await read_json("rows", "wide")


@pytest.mark.usefixtures("wide")
async def test_what_was_left_out_is_said_to_people(run: Call) -> None:
    said = (await run("rows", "wide", "--search", "needle")).stderr
    assert "Searched 16 of 42 columns, without c16, c17, " in said
    assert "c39 (over the limit of 16); apiToken (masked; reveal first); id (cannot hold it)" in said
    assert "--search-all searches all." in said
    said = (await run("rows", "wide", "--search", "needle", "--search-all", "--reveal")).stderr
    assert "Searched" not in said
    with pytest.raises(UsageError, match="--search-all needs a term"):
        await run("rows", "wide", "--search-all")


async def test_quotes_are_read_as_in_sql(owner: psycopg.Connection, read_json: Call) -> None:
    owner.execute("CREATE TABLE quoted (id int PRIMARY KEY, code text)")
    owner.execute(
        """INSERT INTO quoted VALUES (1, 'it''s'), (2, 'both '' and "'), (3, 'a, b'), (4, 'NULL'), (5, NULL)"""
    )

    async def ids(condition: str) -> list[int]:
        return [row["id"] for row in (await read_json("rows", "quoted", "--where", condition))["rows"]]

    assert await ids("code = 'it''s'") == [1]
    assert await ids("""code in ('it''s', 'both '' and "', 'a, b')""") == [1, 2, 3]
    assert await ids("code = 'NULL'") == [4]
    assert await ids("code is null") == [5]
    assert await ids("code not in ('a, b', E'it\\'s')") == [2, 4]
    assert await ids("code like '%''%'") == [1, 2]
    with pytest.raises(UsageError, match="NULL finds nothing"):
        await ids("code = NULL")
