"""How many rows a table has, as far as the newest look at the tables and the rows on screen allow. Pure."""

from __future__ import annotations

from soundcheck.screens.app.relation.known import Known
from soundcheck.stores.catalog.tables import Certainty, RowCount, Table


def rows_of_table(table: Table, known: Known | None) -> RowCount:
    """The number of the newest look: an open table keeps the one from when it was opened."""
    now = known.now(table) if known is not None else None
    return (now or table).rows


def agreeing(said: RowCount | None, seen: int, *, whole: bool) -> RowCount | None:
    """A number of rows that fits what was read: `seen` rows from the first on, which are all of them if `whole`.

    A number that contradicts the rows is dropped, however it was found.
    """
    if whole:
        exact = said is not None and said.certainty is Certainty.EXACT
        return said if exact and said is not None and said.number == seen else RowCount(seen, Certainty.EXACT)
    if said is None or said.certainty is Certainty.UNKNOWN or said.number > seen:
        return said
    return RowCount(seen, Certainty.AT_LEAST)
