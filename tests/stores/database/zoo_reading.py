"""The tables of every type (`every_type.ZOO`), and all that a person can get to see of them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import psycopg
from every_type import ZOO_EXTENSIONS, ZOO_TYPES, zoo_tables

from soundcheck.screens.commands.csv_output import write_csv
from soundcheck.stores.catalog.families import is_sortable
from soundcheck.stores.catalog.tables import Column, Table, load_catalog
from soundcheck.stores.json_document import json_document
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.rows.filters import Operator, RowFilter, operators_for
from soundcheck.stores.rows.follow import SeenRow, follow_rows
from soundcheck.stores.rows.paging import FIRST, UNCUT, WHOLE, PagePlace, SortColumn, TableView, read_view
from soundcheck.stores.rows.record import read_record
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.rows.spelled.row import json_value, row_as_insert
from soundcheck.stores.rows.typed_value import checked

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def make_zoo(connection: psycopg.Connection) -> None:
    """The tables with their rows."""
    needed = {name: f"CREATE EXTENSION {name}" for name in ZOO_EXTENSIONS} | {"xml": "SELECT '<a/>'::xml"}
    missing = frozenset(name for name, statement in needed.items() if not _works(connection, statement))
    connection.execute(ZOO_TYPES.encode())
    for table, types in zoo_tables(missing).items():
        columns = ", ".join(f"c{number} {name}" for number, name in enumerate(types))
        connection.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, {columns})".encode())
        places = ", ".join(f"${number + 2}" for number in range(len(types)))
        with psycopg.RawCursor(connection) as cursor:
            for number in range(max(map(len, types.values()))):
                row = [given[number] if number < len(given) else None for given in types.values()]
                cursor.execute(f"INSERT INTO {table} VALUES ($1, {places})".encode(), [str(number), *row])


def _works(connection: psycopg.Connection, statement: str) -> bool:
    try:
        connection.execute(statement.encode())
    except psycopg.Error:
        return False
    return True


async def zoo_of(database: Database) -> list[Table]:
    """They, as the catalogue has them."""
    return [table for table in await load_catalog(database) if table.name.startswith("zoo")]


def texts_of(connection: psycopg.Connection, table: Table) -> list[tuple[str | None, ...]]:
    """What psql shows: the texts as the server sends them. (`::text` is another one for bool, char(n) and inet.)"""
    answer = connection.execute(f"SELECT * FROM {table.name} ORDER BY id".encode()).pgresult
    assert answer is not None
    values = [[answer.get_value(row, place) for place in range(answer.nfields)] for row in range(answer.ntuples)]
    return [tuple(None if value is None else value.decode() for value in row) for row in values]


def csv_of(connection: psycopg.Connection, table: Table) -> str:
    """The server's own CSV."""
    statement = f"COPY (SELECT * FROM {table.name} ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER)"
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        return b"".join(map(bytes, copy)).decode()


async def what_is_read(database: Database) -> dict[str, dict[str, Any]]:
    """By table: shown, filtered, sorted, paged, exported, written as INSERT and followed: every value by its text."""
    return {table.name: await _of_table(database, table) for table in await zoo_of(database)}


async def _of_table(database: Database, table: Table) -> dict[str, Any]:
    whole = await read_view(database, TableView(table), cells=WHOLE)
    grid = await read_view(database, TableView(table))
    shown = [tuple(map(server_text, row)) for row in whole.rows]
    found: dict[str, Any] = {"shown": shown, "in the grid": [tuple(map(server_text, row)) for row in grid.rows]}
    for place, column in enumerate(table.columns):
        found[f"filter {column.name}"] = await _filtered(database, table, column, shown[0][place])
        if is_sortable(column) and column.type_name != "hstore":  # its order is not that of < and >
            found[f"sort {column.name}"] = await _sorted(database, table, column)
    exported = await read_view(database, TableView(table), cells=UNCUT)
    out = io.StringIO()
    write_csv(out, [column.name for column in table.columns], exported.rows)
    found["csv"] = out.getvalue()
    found["json"] = json_document(
        [
            {column.name: json_value(value, column.type_name) for column, value in zip(table.columns, row, strict=True)}
            for row in whole.rows
        ]
    )
    records = [await read_record(database, table, [str(number)]) for number in range(len(shown))]
    found["insert"] = [row_as_insert(record) for record in records if record is not None]
    seen = list(map(SeenRow, whole.rows, whole.keys))
    again = follow_rows(seen, await read_view(database, TableView(table), cells=WHOLE), whole=True, at=NOW)
    found["followed"] = (again.new, again.changed, again.gone)
    return found


async def _filtered(database: Database, table: Table, column: Column, text: str | None) -> list[int]:
    """The rows found by the text that is shown for the first one."""
    assert text is not None
    if Operator.EQUAL not in operators_for(column):
        return []
    typed = checked(RowFilter(column.name, Operator.EQUAL, text), column)
    page = await read_view(database, TableView(table, filters=(typed,)))
    ids = [row[0] for row in page.rows]
    assert 0 in ids, (column, text)
    return ids


async def _sorted(database: Database, table: Table, column: Column) -> list[int]:
    """Two pages: the place of the second is the text of a value of the first."""
    view = TableView(table, (SortColumn(column.name),))
    page = await read_view(database, view, place=FIRST, limit=1)
    assert page.cursor_last is not None
    rest = await read_view(database, view, place=PagePlace.after(page.cursor_last))
    ids = [row[0] for row in (*page.rows, *rest.rows)]
    assert len(set(ids)) == len(ids), column
    return ids
