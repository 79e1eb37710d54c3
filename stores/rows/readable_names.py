"""The name that people read beside an id: for the foreign keys of a page, one query a key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from soundcheck.stores.catalog.families import Family, family
from soundcheck.stores.catalog.tables import Column, Table
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.personal import mask
from soundcheck.stores.rows.relations import ForeignKey
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

_NAMES: Final = (
    "name", "title", "label", "displayname", "fullname", "username", "nickname", "login", "email", "code", "slug",
    "subject", "description",
)  # fmt: skip
_LONGEST: Final = 80
_TIMEOUT: Final = 5.0
MOST_IDS: Final = 1000
"""Different ids that are asked for at most."""


def readable_columns(table: Table) -> tuple[Column, ...]:
    """The columns that name a row for people, the best first, at most two; the second stands in for a NULL."""
    found: dict[str, Column] = {}
    keyed = set(table.primary_key) if len(table.primary_key) == 1 else set()
    texts = [
        column
        for column in table.columns
        if family(column) is Family.TEXT
        and column.name not in keyed
        and sensitivity(table.name, column.name) is not Sensitivity.SECRET
    ]
    plain = {column.name: re.sub(r"[^a-z]", "", column.name.lower()) for column in texts}
    for wanted in _NAMES:
        found |= {column.name: column for column in texts if plain[column.name] == wanted}
    for ending in ("name", "title", "code"):
        found |= {c.name: c for c in texts if plain[c.name].endswith(ending) and c.name not in found}
    return tuple(found.values())[:2]


async def readable_names(
    database: Database, key: ForeignKey, target: Table, rows: Sequence[Mapping[str, Any]], *, reveal: bool = False
) -> dict[tuple[str, ...], str | None]:
    """Names of the rows that `rows` (of the key's own table) point at, by the text of the key's values.

    One query; none where the target has no readable column or no row points anywhere. A name from a personal column
    is masked unless `reveal`. An id that no row has is missing. Raises `DatabaseProblem`.
    """
    columns = readable_columns(target)
    wanted = dict.fromkeys(one for row in rows if (one := name_key(key, row)) is not None)
    ids = list(wanted)[:MOST_IDS]
    if not columns or not ids:
        return {}
    keys = [target.column(name) for name in key.target_columns]
    shown = ", ".join(
        [
            *(f"{quoted_name(c.name)}::text" for c in keys),
            *(f"left({quoted_name(c.name)}::text, {_LONGEST})" for c in columns),
        ]
    )
    source = f"{quoted_name(target.schema)}.{quoted_name(target.name)}"
    if len(keys) == 1:
        stated = f"{quoted_name(keys[0].name)} = ANY($1::text[]::{keys[0].cast}[])"
    else:
        lists = ", ".join(f"${place + 1}::text[]::{column.cast}[]" for place, column in enumerate(keys))
        stated = f"({', '.join(quoted_name(c.name) for c in keys)}) IN (SELECT * FROM unnest({lists}))"  # noqa: S608
    query = f"SELECT {shown} FROM {source} WHERE {stated}"  # noqa: S608 - quoted names, bound values
    answer = await database.fetch(query, [list(values) for values in zip(*ids, strict=True)], timeout=_TIMEOUT)
    return {tuple(row[: len(keys)]): _name(target, columns, row[len(keys) :], reveal=reveal) for row in answer.rows}


def name_key(key: ForeignKey, row: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Where to find a row's name in the answer of `readable_names`; None where the row points nowhere."""
    filters = key.target_filters(row)
    return None if filters is None else tuple(one.value for one in filters)


def _name(table: Table, columns: Sequence[Column], values: Sequence[str | None], *, reveal: bool) -> str | None:
    for column, value in zip(columns, values, strict=True):
        if value:
            shown = value if reveal else mask(value, sensitivity(table.name, column.name))
            return server_text(shown)
    return None
