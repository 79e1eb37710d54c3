"""Where the sample data fits: only into the eleven tables of our own schema. Pure but for reading a schema's files."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING, Final

from soundcheck.stores.errors import CouldNotRun
from soundcheck.wizard.seed.tables import SEED_TABLES

if TYPE_CHECKING:
    from soundcheck.stores.catalog.tables import Catalog, Table

NEEDS: Final = "Sample data needs the eleven tables of Soundcheck's own schema."
WAY: Final = (
    "If this project uses that schema, run `soundcheck setup` first. Tables of another schema are filled by the "
    "project's own seed, such as that of Prisma's `db seed`."
)


def lacking(columns: Mapping[str, Set[str]]) -> tuple[str, ...]:
    """What is missing: tables by their name, columns as `table.column`. `columns` are those of each table."""
    missing: list[str] = []
    for table in SEED_TABLES:
        there = columns.get(table.name)
        if there is None:
            missing.append(table.name)
        else:
            missing += [f"{table.name}.{column}" for column in table.columns if column not in there]
    return tuple(missing)


def refusal_for(missing: tuple[str, ...]) -> CouldNotRun:
    """What the sample data needs, and what of it is not there."""
    return CouldNotRun(f"{NEEDS} Not here: {', '.join(missing)}.", WAY)


def can_fill(catalog: Catalog, table: Table) -> bool:
    """Whether this is one of the eleven tables, beside the other ten."""
    if table.name not in {one.name for one in SEED_TABLES}:
        return False
    beside = (one for one in catalog if one.schema == table.schema)
    return not lacking({one.name: {column.name for column in one.all_columns} for one in beside})


def schema_has_them(schema: Path) -> bool:
    """Whether a push of this schema makes the eleven tables. Blocking; what cannot be read makes none."""
    from soundcheck.stores.prisma.schema_text import expected_tables

    try:
        return {table.name for table in SEED_TABLES} <= set(expected_tables(schema))
    except CouldNotRun:
        return False
