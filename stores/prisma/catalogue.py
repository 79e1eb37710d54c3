"""What stands in the database, as far as the statements of a push are judged by it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from soundcheck.stores.prisma.definitions import (
    ConstraintDefinition,
    Definition,
    IndexDefinition,
    ObjectName,
    constraint_from,
    index_from,
)
from soundcheck.stores.prisma.dependents import Dependents, dependents_from

RELATION_KINDS: Final = {
    "r": "table", "p": "table", "v": "view", "m": "materialized view", "S": "sequence", "f": "foreign table",
    "i": "index", "I": "index", "c": "composite type",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Columns' types by (schema, table, column), enums' values and indexes by (schema, name), and what else has a name.

    `constraints` are those without an index, by (schema, table, name); `relations` says what kind has which name.
    `schema` is the one that names are shown without; `database` is what the server calls the database. `standing` says
    what rests on what.
    """

    schema: str = "public"
    columns: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    enums: Mapping[ObjectName, tuple[str, ...]] = field(default_factory=dict)
    indexes: Mapping[ObjectName, IndexDefinition] = field(default_factory=dict)
    constraints: Mapping[tuple[str, str, str], ConstraintDefinition] = field(default_factory=dict)
    relations: Mapping[ObjectName, str] = field(default_factory=dict)
    database: str = ""
    standing: Dependents = field(default_factory=Dependents)

    def constraint(self, table: ObjectName, name: str) -> Definition | None:
        """A constraint of a table, with an index or without; None where it is not known."""
        index = self.indexes.get((table[0], name))
        if index is not None and index.constraint and index.table == table:
            return index
        return self.constraints.get((*table, name))

    def resting_on(self, table: ObjectName, column: str) -> Iterator[tuple[str, Definition]]:
        """The indexes and constraints that go when the column goes, with their names, sorted."""
        found: list[tuple[str, Definition]] = []
        found += [(name, one) for (_, name), one in self.indexes.items() if one.table == table]
        found += [(name, one) for (schema, of, name), one in self.constraints.items() if (schema, of) == table]
        for name, one in sorted(found, key=lambda named: named[0]):
            if column in one.columns:
                yield name, one

    def shown_constraint(self, table: ObjectName, name: str) -> str:
        """A constraint's name to type; with its table where another table has one of that name."""
        elsewhere: Collection[ObjectName] = {
            *((schema, table) for schema, table, other in self.constraints if other == name),
            *(one.table for (_, other), one in self.indexes.items() if one.constraint and other == name),
        }
        if not set(elsewhere) - {table}:
            return name
        return f"{table[1]}.{name}" if table[0] == self.schema else f"{table[0]}.{table[1]}.{name}"


def catalogue_from(told: Mapping[str, Any], schema: str) -> Catalogue:
    """The catalogue out of what the Node child tells of a push."""
    there = told["there"]
    return Catalogue(
        schema,
        {(s, table, column): type_ for s, table, column, type_ in told["columns"]},
        {(s, name): tuple(values) for s, name, values in told["live"]["enums"]},
        {(one["schema"], one["name"]): index_from(one) for one in there["indexes"]},
        {(one["schema"], one["table"], one["name"]): constraint_from(one) for one in there["constraints"]},
        {(s, name): RELATION_KINDS.get(kind, "relation") for s, name, kind in there["relations"]},
        str(there["database"]),
        dependents_from(told["standing"]),
    )
