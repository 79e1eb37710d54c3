"""`rows`, `row` and `tables` of a table whose columns one may not all read: the others, and the names of these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from soundcheck.stores.errors import UsageError

Call = Callable[..., Any]
LEFT_OUT = [{"name": "salary", "why": "permission"}]


@pytest.fixture(autouse=True)
def _people(owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE people (id int PRIMARY KEY, name text, salary int)")
    owner.execute("INSERT INTO people VALUES (1, 'Ana', 10), (2, 'Zoë', 20)")
    owner.execute("REVOKE ALL ON people FROM CURRENT_USER")
    owner.execute("GRANT SELECT (id, name) ON people TO CURRENT_USER")


async def test_the_documents_name_what_they_leave_out(read_json: Call) -> None:
    rows = await read_json("rows", "people", "--sort", "name:desc", "--search", "2", "--search-all")
    assert rows["rows"] == [{"id": 2, "name": "Zoë"}]
    assert rows["left_out"] == LEFT_OUT
    assert rows["search"]["left_out"] == LEFT_OUT
    row = await read_json("row", "people", "2")
    assert row["row"] == {"id": 2, "name": "Zoë"}
    assert row["left_out"] == LEFT_OUT
    tables = {table["name"]: table for table in (await read_json("tables"))["tables"]}
    assert tables["people"]["readable"]
    assert tables["people"]["left_out"] == LEFT_OUT
    assert [column["name"] for column in tables["people"]["columns"]] == ["id", "name", "salary"]
    assert tables["users"]["left_out"] == []


async def test_people_are_told_as_well(run: Call) -> None:
    for words in (("rows", "people"), ("rows", "people", "--csv"), ("row", "people", "2")):
        said = await run(*words)
        assert "Zoë" in said
        assert "Without salary: this role may not read it." in said.stderr


async def test_a_condition_on_one_says_that_it_may_not_be_read(run: Call) -> None:
    with pytest.raises(UsageError, match="This role may not read salary of people"):
        await run("rows", "people", "--where", "salary > 10")
    with pytest.raises(UsageError, match="This role may not read salary of people"):
        await run("rows", "people", "--sort", "salary")
