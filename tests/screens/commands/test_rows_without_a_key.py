"""`rows` of a view: in the order of the whole row, unless that is dear and nobody asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from soundcheck.stores.errors import UsageError

Call = Callable[..., Any]


@pytest.fixture
def views(owner: psycopg.Connection) -> None:
    owner.execute("CREATE VIEW few AS SELECT g AS n FROM generate_series(1, 30) g")
    owner.execute("CREATE VIEW many AS SELECT 200001 - g AS n FROM generate_series(1, 200000) g")


@pytest.mark.usefixtures("views")
async def test_the_rows_of_a_small_view_come_in_order_from_both_ends(read_json: Call) -> None:
    first = await read_json("rows", "few", "--limit", "3")
    assert [row["n"] for row in first["rows"]] == [1, 10, 11]
    assert first["note"] == "No key: in the order of the whole row as text."
    last = await read_json("rows", "few", "--limit", "2", "--last")
    assert [row["n"] for row in last["rows"]] == [8, 9]


@pytest.mark.usefixtures("views")
async def test_the_rows_of_a_dear_view_come_as_they_are_and_in_order_on_request(run: Call, read_json: Call) -> None:
    document = await read_json("rows", "many", "--limit", "2")
    assert [row["n"] for row in document["rows"]] == [200_000, 199_999]
    assert "first rows only, in no order" in document["note"]
    said = (await run("rows", "many", "--limit", "2")).stderr
    assert "the server reads about 200 k rows and puts them in order" in said
    assert "--in-order puts them in order" in said
    with pytest.raises(UsageError, match="200 k rows") as refused:
        await run("rows", "many", "--last")
    assert "--in-order" in refused.value.hint
    document = await read_json("rows", "many", "--limit", "2", "--in-order")
    assert [row["n"] for row in document["rows"]] == [1, 10]
