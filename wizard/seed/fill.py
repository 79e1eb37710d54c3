"""Fill the eleven tables with sample data, or take it out again: one transaction each, all or nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from soundcheck.stores import amounts
from soundcheck.stores.errors import Refused
from soundcheck.stores.postgres.database import Database
from soundcheck.wizard.job import JobTally
from soundcheck.wizard.progress import Mark, Progress, Reporter, silent
from soundcheck.wizard.seed import foreign_rows
from soundcheck.wizard.seed.fitting import lacking, refusal_for
from soundcheck.wizard.seed.plan import FREE_TIER, SeedPlan
from soundcheck.wizard.seed.tables import SEED_TABLES, SeedTable

if TYPE_CHECKING:
    from psycopg import AsyncConnection


ROWS_A_SECOND: Final = 25_000
BYTES_A_SECOND: Final = 1_250_000


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a plan will take, said before anything is written; bytes with indexes."""

    rows: Mapping[str, int]
    added_bytes: int
    present_bytes: int

    @property
    def fits_free_tier(self) -> bool:
        """Whether the database stays within Neon's free tier."""
        return self.present_bytes + self.added_bytes <= FREE_TIER

    def seconds(self, *, is_near: bool) -> int:
        """About how long it takes: half of what two free cores manage; far away, over a line of 10 Mbit/s."""
        rows = sum(self.rows.values()) / ROWS_A_SECOND
        return max(1, round(rows if is_near else rows + self.added_bytes / BYTES_A_SECOND))

    @property
    def sentence(self) -> str:
        """The forecast in a line."""
        share = (self.present_bytes + self.added_bytes) * 100 / FREE_TIER
        rows = sum(self.rows.values())
        return (
            f"About {rows:,} rows, {amounts.size(self.added_bytes)}; the database then holds about {share:.0f} % of "
            "Neon's free 0.5 GB"
        )


@dataclass(frozen=True, slots=True)
class SeedResult:
    """What was written, or taken out: rows of each table, and the whole time in milliseconds."""

    rows: Mapping[str, int]
    elapsed_ms: float
    replaced: int = 0
    """Rows of an earlier seed that were taken out first."""


async def forecast(database: Database, plan: SeedPlan) -> Forecast:
    """Predict the size. Raises `DatabaseProblem`."""
    answer = await database.fetch("SELECT pg_database_size(current_database())")
    return Forecast(plan.expected_rows(), plan.expected_bytes(), int(answer.rows[0][0]))


async def fill(database: Database, plan: SeedPlan, report: Reporter = silent) -> SeedResult:
    """Write all of it, in place of an earlier seed. The caller stands behind the guard.

    Raises `Refused` where a table holds rows that are not the seed's, `CouldNotRun` where the tables are not ours,
    `DatabaseProblem` where the server refuses; then nothing was changed.
    """
    started = time.perf_counter()
    written = {}
    async with database.write_connection() as connection:
        await _ready(connection)
        replaced = sum((await foreign_rows.delete_own_rows(connection)).values())
        expected = plan.expected_rows()
        for table in SEED_TABLES:
            written[table.name] = await _copy(connection, table, plan, expected[table.name], report)
        # Fresh statistics: the table list and the planner know the new sizes at once.
        await connection.execute(f"ANALYZE {', '.join(table.name for table in SEED_TABLES)}")
    return SeedResult(written, (time.perf_counter() - started) * 1000, replaced)


async def remove(database: Database, report: Reporter = silent) -> SeedResult:
    """Take out exactly the seed's own rows. The caller stands behind the guard.

    Raises `Refused` where other rows hang on them and would go along, `CouldNotRun` where the tables are not ours.
    """
    started = time.perf_counter()
    async with database.write_connection() as connection:
        await _present(connection)
        await foreign_rows.lock(connection)
        hanging = await foreign_rows.hanging_rows(connection)
        if hanging:
            named = ", ".join(f"{one.rows:,} of {one.table}" for one in hanging)
            raise Refused(
                f"Rows that the seed did not make refer to seeded rows and would be lost: {named}.",
                "Delete or move those first; nothing was changed.",
            )
        report(Progress("Taking out the sample data", Mark.RUNNING, "remove"))
        deleted = await foreign_rows.delete_own_rows(connection)
    elapsed = (time.perf_counter() - started) * 1000
    report(Progress(f"Took out {sum(deleted.values()):,} rows", Mark.OK, "remove", elapsed))
    return SeedResult(deleted, elapsed)


async def _present(connection: AsyncConnection[tuple[Any, ...]]) -> None:
    if missing := lacking(await foreign_rows.columns_there(connection)):
        raise refusal_for(missing)


async def _ready(connection: AsyncConnection[tuple[Any, ...]]) -> None:
    await _present(connection)
    await foreign_rows.lock(connection)
    others = await foreign_rows.tables_with_foreign_rows(connection)
    if others:
        raise Refused(
            f"These tables hold rows that the seed did not make: {', '.join(others)}.",
            "Sample data goes into a database of its own; nothing was changed.",
        )


async def _copy(
    connection: AsyncConnection[tuple[Any, ...]], table: SeedTable, plan: SeedPlan, expected: int, report: Reporter
) -> int:
    from psycopg import sql

    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    tally = JobTally(report, table.name, expected)
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in table.rows(plan):
            await copy.write_row(row)
            tally.count()
    tally.end()
    return tally.number
