"""What is known of the database's tables and how they refer to each other; read once, then passed along."""

from __future__ import annotations

from dataclasses import dataclass, field

from soundcheck.stores.catalog.tables import Catalog, Table
from soundcheck.stores.rows.relations import ForeignKey, Relations


@dataclass(frozen=True, slots=True)
class Known:
    """The tables, and the foreign keys between them (none until they were read)."""

    catalog: Catalog
    relations: Relations = field(default_factory=Relations)

    def table(self, name: tuple[str, str]) -> Table | None:
        """The table of this schema and name; None where the role may not see it."""
        return next((table for table in self.catalog if (table.schema, table.name) == name), None)

    def key_of(self, table: Table, column: str) -> ForeignKey | None:
        """The foreign key that a column of a table is part of; one of a single column is preferred."""
        found = [key for key in self.relations.outgoing(table) if column in key.columns]
        return min(found, key=lambda key: len(key.columns), default=None)
