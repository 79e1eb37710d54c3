"""`--zone`: times are shown in it, filters are read in it, and it is said once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from soundcheck.stores.catalog.tables import load_catalog
from soundcheck.stores.errors import UsageError
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.paging import TableView, read_view
from soundcheck.stores.rows.spelled.sql import count_sql, view_sql
from soundcheck.stores.services import Services

Call = Callable[..., Any]


@pytest.fixture
def moments(owner: psycopg.Connection) -> psycopg.Connection:
    owner.execute("CREATE TABLE m (id int PRIMARY KEY, t timestamptz, plain timestamp, hour timetz, r tstzrange)")
    owner.execute("""INSERT INTO m VALUES
        (1, '2024-03-01 20:00:00-05', '2024-03-01 20:00', '20:00-05', '[2024-03-01 20:00:00-05,)'),
        (2, '2024-03-02 12:00:00-05', '2024-03-02 12:00', '12:00+00', NULL)""")
    return owner


async def test_a_row_is_found_by_the_day_that_is_shown(run: Call, read_json: Call, moments: Any) -> None:
    for zone, shown in (("America/New_York", "2024-03-01 20:00:00-05"), ("UTC", "2024-03-02 01:00:00+00")):
        text = await run("rows", "m", "--zone", zone, "--where", f"t = {shown[:10]}", "--where", "id = 1")
        assert shown in text
        assert text.stderr.count(f"Times are in {zone}.") == 1
        record = await run("row", "m", "1", "--zone", zone)
        assert shown in record
        assert record.stderr.count(f"Times are in {zone}.") == 1
    document = await read_json("rows", "m", "--zone", "America/New_York", "--where", "t = 2024-03-01")
    assert document["zone"] == "America/New_York"
    assert [row["t"] for row in document["rows"]] == ["2024-03-01T20:00:00-05:00"]
    assert [row["plain"] for row in document["rows"]] == ["2024-03-01T20:00:00"]
    one = await read_json("row", "m", "1", "--zone", "America/New_York")
    assert (one["zone"], one["row"]["t"]) == ("America/New_York", "2024-03-01T20:00:00-05:00")


async def test_the_local_zone_is_the_machines_and_utc_is_the_default(
    run: Call, services: Services, moments: Any
) -> None:
    local = replace(services, environ={"TZ": "Asia/Kolkata"})
    assert "2024-03-02 06:30:00+05:30" in await run("rows", "m", "--zone", "local", using=local)
    assert services.database is not None
    services.database.zone = "UTC"
    assert "2024-03-02 01:00:00+00" in await run("rows", "m", using=local)


async def test_nothing_is_said_where_no_column_has_a_zone(run: Call, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE p (id int PRIMARY KEY, plain timestamp)")
    assert "Times are in" not in (await run("rows", "p")).stderr


async def test_a_zone_that_the_server_lacks_is_named(run: Call, moments: Any) -> None:
    with pytest.raises(UsageError, match="no time zone 'Nowhere'"):
        await run("rows", "m", "--zone", "Nowhere")


FILTERS = [
    RowFilter("t", Operator.EQUAL, "2024-03-01"),
    RowFilter("t", Operator.NOT_EQUAL, "2024-03-01"),
    RowFilter("t", Operator.LESS_OR_EQUAL, "2024-03-01"),
    RowFilter("t", Operator.GREATER, "2024-03-01"),
    RowFilter("t", Operator.GREATER_OR_EQUAL, "2024-03-02"),
    RowFilter("t", Operator.BETWEEN, values=("2024-02-01", "2024-03-01")),
    RowFilter("t", Operator.IN, values=("2024-03-01", "2024-03-02 12:00")),
    RowFilter("t", Operator.EQUAL, "2024-03-01 20:00"),
    RowFilter("t", Operator.EQUAL, "2024-03-01T20:00:00"),
    RowFilter("t", Operator.EQUAL, "2024-03-01 20:00:00-05"),
    RowFilter("t", Operator.LESS, "infinity"),
    RowFilter("t", Operator.LESS, "tomorrow"),
    RowFilter("t", Operator.IS_NOT_NULL),
    RowFilter("plain", Operator.EQUAL, "2024-03-01"),
    RowFilter("hour", Operator.EQUAL, "20:00"),
    RowFilter("hour", Operator.EQUAL, "20:00-05"),
    RowFilter("r", Operator.EQUAL, "[2024-03-01 20:00,)"),
    RowFilter("r", Operator.CONTAINS, "20:00:00-05"),
]


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Asia/Kolkata", "<-0500>+05:00"])
async def test_the_sql_of_a_view_finds_its_rows_in_any_session(
    services: Services, moments: psycopg.Connection, zone: str
) -> None:
    database = services.database
    assert database is not None
    await database.choose_zone(zone)
    table = (await load_catalog(database)).find("m")
    for one in FILTERS:
        view = TableView(table, filters=(one,))
        ids = [row[0] for row in (await read_view(database, view)).rows]
        for reader in ("Pacific/Auckland", "UTC"):
            moments.execute(f"SET TimeZone = '{reader}'".encode())
            copied = moments.execute(view_sql(view, zone=zone).encode())
            while copied.nextset():
                pass
            assert [row[0] for row in copied.fetchall()] == ids, f"{one}, read in {reader}"
            counted = moments.execute(count_sql(view, zone=zone).encode())
            while counted.nextset():
                pass
            assert counted.fetchone() == (len(ids),), f"{one}, counted in {reader}"


async def test_common_conditions_carry_their_zone_and_need_no_other_statement(
    services: Services, moments: psycopg.Connection
) -> None:
    assert services.database is not None
    table = (await load_catalog(services.database)).find("m")
    for one in FILTERS[:11]:
        assert "SET TIME ZONE" not in view_sql(TableView(table, filters=(one,)), zone="Asia/Kolkata")
    by_search = view_sql(TableView(table, search="2024-03-01"), zone="Asia/Kolkata")
    assert "'2024-03-01 Asia/Kolkata'" in by_search
