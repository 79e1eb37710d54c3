"""Two million rows: every page, count, jump and cost reads a handful of rows, in one query, at any depth."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
from recorded_reads import Recording

from soundcheck.stores.catalog.tables import Certainty, Table, load_catalog
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.rows import paging
from soundcheck.stores.rows.cost import page_cost
from soundcheck.stores.rows.counting import count_capped, count_exact, estimate
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.paging import FIRST, LAST, Cursor, PagePlace, SortColumn, TableView, read_view
from soundcheck.stores.rows.percentile import jump_to


@pytest.fixture
async def plays(big: Recording) -> Table:
    return (await load_catalog(big)).find("plays")


def plan(owner: psycopg.Connection, sent: tuple[str, Sequence[object]]) -> dict[str, Any]:
    with psycopg.RawCursor(owner) as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sent[0]}", sent[1])
        (found,) = cursor.fetchone() or ()
    return dict((found if isinstance(found, list) else json.loads(found))[0]["Plan"])


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


def rows_looked_at(found: dict[str, Any]) -> float:
    """Rows that left any scan of the table, and those that its filters threw away."""
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes(found)
        if "Relation Name" in node
    )


ORDERS = {
    "the primary key": (),
    "the primary key, backwards": (SortColumn("id", descending=True),),
    "an index in mixed directions": (SortColumn("playedAt", descending=True),),
    "the same from its end": (SortColumn("playedAt"),),
    "mixed directions named one by one": (SortColumn("playedAt", descending=True), SortColumn("id")),
}


@pytest.mark.parametrize("sort", ORDERS.values(), ids=ORDERS)
async def test_any_page_in_an_indexed_order_is_one_query_of_a_page_and_one_row(
    big: Recording, big_owner: psycopg.Connection, plays: Table, sort: tuple[SortColumn, ...]
) -> None:
    view = TableView(plays, sort)
    middle = (await read_view(big, view, place=(await jump_to(big, view, 0.5)).place, limit=20)).keys[-1]
    for place in (FIRST, LAST, PagePlace.after(middle), PagePlace.before(middle), PagePlace.at(middle.values[0])):
        big.sent.clear()
        page = await read_view(big, view, place=place)
        assert len(page.rows) == 50
        (sent,) = big.sent
        assert "count(" not in sent[0].lower()
        found = plan(big_owner, sent)
        assert {n["Node Type"] for n in nodes(found)}.isdisjoint({"Seq Scan", "Bitmap Heap Scan"})
        assert rows_looked_at(found) <= 60


@pytest.mark.parametrize("descending", [False, True])
async def test_half_a_million_equal_values_page_through_as_fast_as_different_ones(
    big: Recording, big_owner: psycopg.Connection, plays: Table, descending: bool
) -> None:
    view = TableView(plays, (SortColumn("rating", descending),))
    tail = str(1_000_000)
    for rating in ("7", None):
        for place in (PagePlace.after, PagePlace.before):
            big.sent.clear()
            page = await read_view(big, view, place=place(Cursor((rating, tail))))
            assert {row[2] for row in page.rows} == {rating and int(rating)}
            ids = [int(row[0]) for row in page.rows]
            assert ids == sorted(ids, reverse=descending)
            assert (int(tail) < min(ids)) is ((place == PagePlace.after) is not descending)
            (sent,) = big.sent
            assert rows_looked_at(plan(big_owner, sent)) < 3000, f"{place}"


@pytest.mark.parametrize("descending", [False, True])
async def test_a_sort_opens_and_jumps_into_half_a_million_equal_values_without_reading_them_all(
    big: Recording, big_owner: psycopg.Connection, plays: Table, descending: bool
) -> None:
    view = TableView(plays, (SortColumn("rating", descending),))
    direction, gap = ("DESC", 23) if descending else ("", 25)  # no row has 24
    for place, expected in (
        (FIRST, f"ORDER BY rating {direction}, id {direction} LIMIT 50"),
        (LAST, f"ORDER BY rating {direction}, id {direction} OFFSET 1999950"),
        (PagePlace.at("7"), f"WHERE rating = 7 ORDER BY id {direction} LIMIT 50"),
        (PagePlace.at("24"), f"WHERE rating = {gap} ORDER BY id {direction} LIMIT 20"),
        (PagePlace.at(None), f"WHERE rating IS NULL ORDER BY id {direction} LIMIT 50"),
    ):
        big.sent.clear()
        page = await read_view(big, view, place=place)
        (sent,) = big.sent
        ids = [one for (one,) in big_owner.execute(f"SELECT id FROM plays {expected}").fetchall()]
        assert [row[0] for row in page.rows][: len(ids)] == ids
        assert rows_looked_at(plan(big_owner, sent)) < 3000, f"{place}"


async def test_the_edges_between_values_and_nulls_neither_lose_nor_repeat_a_row(
    big: Recording, big_owner: psycopg.Connection, plays: Table
) -> None:
    view = TableView(plays, (SortColumn("rating"),), (RowFilter("id", Operator.LESS_OR_EQUAL, "2000"),))
    seen: list[int] = []
    place = FIRST
    while True:
        page = await read_view(big, view, place=place, limit=90)
        seen += [row[0] for row in page.rows]
        if not page.has_more_after:
            break
        assert page.cursor_last is not None
        place = PagePlace.after(page.cursor_last)
    expected = big_owner.execute("SELECT id FROM plays WHERE id <= 2000 ORDER BY rating, id").fetchall()
    assert seen == [one for (one,) in expected]


async def test_memory_stays_flat_over_a_thousand_pages(big: Recording, plays: Table) -> None:
    view, place = TableView(plays), FIRST
    before = 0
    for number in range(1050):
        page = await read_view(big, view, place=place)
        assert page.cursor_last is not None
        place = PagePlace.after(page.cursor_last)
        big.sent.clear()
        if number == 50:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert page.rows[-1][0] == 1050 * 50
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


async def test_counts_say_how_they_are_known_and_cost_what_they_promise(
    big: Recording, big_owner: psycopg.Connection, plays: Table
) -> None:
    big.sent.clear()
    whole = TableView(plays)
    assert str(await estimate(big, whole)) == "~2.0 M"
    assert big.sent == []
    capped = await count_capped(big, whole)
    assert (str(capped), capped.certainty) == ("10,000+", Certainty.AT_LEAST)
    (sent,) = big.sent
    assert rows_looked_at(plan(big_owner, sent)) == 10_001
    assert str(await count_exact(big, whole)) == "2,000,000"
    few = TableView(plays, filters=(RowFilter("id", Operator.BETWEEN, values=("11", "30")),))
    assert str(await count_capped(big, few)) == "20"
    assert str(await estimate(big, few)).startswith("~")
    assert (
        abs(
            (await estimate(big, TableView(plays, filters=(RowFilter("rating", Operator.EQUAL, "7"),)))).number
            - 500_000
        )
        < 50_000
    )


async def test_the_cost_is_told_before_and_names_the_index_that_would_serve(big: Recording, plays: Table) -> None:
    big.sent.clear()
    costly = await page_cost(big, TableView(plays, (SortColumn("title"),)))
    assert all("ANALYZE" not in query for query, _ in big.sent)
    assert len(big.sent) == 1
    assert (costly.reads_rows, costly.index_used, costly.is_heavy) == (2_000_000, None, True)
    assert str(costly) == "No index serves this: the server reads about 2.0 M rows."
    assert costly.neighbour is not None
    assert costly.neighbour.sort == (SortColumn("id"),)
    unindexed = RowFilter("userId", Operator.EQUAL, "-1")
    assert (await page_cost(big, TableView(plays, filters=(unindexed,)))).is_heavy
    rare = RowFilter("title", Operator.CONTAINS, "zzz")
    assert (await page_cost(big, TableView(plays, filters=(rare,)))).reads_rows == 2_000_000
    common = RowFilter("rating", Operator.EQUAL, "7")
    assert not (await page_cost(big, TableView(plays, filters=(common,)))).is_heavy
    for sort in ((), (SortColumn("playedAt"),)):
        cheap = await page_cost(big, TableView(plays, sort))
        assert cheap.reads_rows < 100
        assert cheap.index_used in {"plays_pkey", "plays_played"}
        assert cheap.neighbour is None


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("descending", [False, True])
async def test_a_jump_to_a_percentage_lands_near_it_and_says_that_it_is_approximate(
    big: Recording, big_owner: psycopg.Connection, plays: Table, fraction: float, descending: bool
) -> None:
    for column in ("id", "playedAt"):
        view = TableView(plays, (SortColumn(column, descending),))
        jump = await jump_to(big, view, fraction)
        assert jump.approximate
        assert f"statistics of {column}" in jump.note
        page = await read_view(big, view, place=jump.place, limit=1)
        through = page.rows[0][0] / 2_000_000
        assert abs((1 - through if descending else through) - fraction) < 0.03


async def test_a_jump_counts_common_values_and_nulls(big: Recording, plays: Table) -> None:
    """A tenth has no rating: the last tenth when it ascends, the first when it descends."""
    up, down = TableView(plays, (SortColumn("rating"),)), TableView(plays, (SortColumn("rating", descending=True),))
    assert (await read_view(big, up, place=(await jump_to(big, up, 0.1)).place, limit=1)).rows[0][2] == 7
    assert (await read_view(big, up, place=(await jump_to(big, up, 0.97)).place, limit=1)).rows[0][2] is None
    assert (await read_view(big, down, place=(await jump_to(big, down, 0.02)).place, limit=1)).rows[0][2] is None
    assert (await read_view(big, down, place=(await jump_to(big, down, 0.9)).place, limit=1)).rows[0][2] == 7


async def test_a_jump_inside_a_filter_is_from_a_sample(big: Recording, plays: Table) -> None:
    view = TableView(plays, filters=(RowFilter("rating", Operator.EQUAL, "7"),))
    jump = await jump_to(big, view, 0.5)
    assert "sample of" in jump.note
    page = await read_view(big, view, place=jump.place, limit=1)
    assert abs(page.rows[0][0] / 2_000_000 - 0.5) < 0.1


async def test_a_jump_to_a_date_begins_at_the_first_row_of_it(big: Recording, plays: Table) -> None:
    view = TableView(plays, (SortColumn("playedAt"),))
    page = await read_view(big, view, place=PagePlace.at("2024-01-05"), limit=3)
    assert str(page.rows[0][1]) == "2024-01-05 00:00:00+00:00"
    assert {row[0] for row in page.rows[:2]} == {691200, 691201}


async def test_a_filter_that_is_slow_in_the_order_of_an_index_is_read_in_another_way(
    big: Recording, big_owner: psycopg.Connection, plays: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = TableView(plays, filters=(RowFilter("title", Operator.CONTAINS, "T199999"),))
    monkeypatch.setattr(paging, "PATIENCE", 0.001)
    big.sent.clear()
    page = await read_view(big, view, limit=5)
    assert [row[0] for row in page.rows] == [199_999, *range(1_999_990, 1_999_994)]
    first, second = big.sent
    assert first == second
    assert page.has_more_after
    with pytest.raises(DatabaseProblem, match="timeout"):
        await read_view(big, view, timeout=0.001)
