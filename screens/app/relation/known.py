"""What is known of the database's tables and how they refer to each other; read once, and again when they change."""

from __future__ import annotations

from dataclasses import dataclass, field

from soundcheck.stores.catalog.tables import Catalog, Table, TableName, load_catalog, read_fingerprint
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.rows.relations import ForeignKey, Relations, load_relations


@dataclass(frozen=True, slots=True)
class Known:
    """The tables, and the foreign keys between them (none until they were read)."""

    catalog: Catalog
    relations: Relations = field(default_factory=Relations)

    def table(self, name: TableName) -> Table | None:
        """The table of this schema and name; None where the role may not see it."""
        return next((table for table in self.catalog if (table.schema, table.name) == name), None)

    def now(self, table: Table) -> Table | None:
        """As `Catalog.now`."""
        return self.catalog.now(table)

    def key_of(self, table: Table, column: str) -> ForeignKey | None:
        """The foreign key that a column of a table is part of; one of a single column is preferred."""
        found = [key for key in self.relations.outgoing(table) if column in key.columns]
        return min(found, key=lambda key: len(key.columns), default=None)


async def known_anew(database: Database, known: Known | None, *, whole: bool = False) -> Known | None:
    """The tables as they are now, read only where they changed since `known`; None where they did not.

    `whole` reads them all the same, for today's numbers of rows. Raises `DatabaseProblem`.
    """
    if known is not None and not whole and known.catalog.fingerprint == await read_fingerprint(database):
        return None
    catalog = await load_catalog(database)
    try:
        return Known(catalog, await load_relations(database))
    except SoundcheckError:
        return Known(catalog)  # following keys is all that is missing
