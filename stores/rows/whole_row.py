"""The order of rows that no key tells apart: each row as text, and rows that are equal numbered. Pure.

A view, a foreign table, a partitioned table without a key: nothing but the row itself says which one it is. Its text
is compared byte by byte, so that two texts are never taken for equal, whatever the database's collation. A cursor
holds the head of the text and a digest of a longer one, so that no long value travels with every row. Rows with the
same text look the same, so that it does not matter which of them is the first: they are counted 1, 2, 3, and a page
may end between two of them.

The numbers are those of a window over the keys in front of them. PostgreSQL moves a condition on such a key below the
window, into the table or the view, so that a page in the middle of a sorted view reads what follows, not all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.rows.keyset import KeyColumn, order_by

HEAD: Final = 200
"""Characters of a row's text that are compared as they are; of a longer one the rest counts by its SHA-256."""

NUMBERED: Final = "numbered"
"""What the subquery is called, in the statement and in its plan."""


def whole_row(table: Table) -> tuple[KeyColumn, KeyColumn, KeyColumn]:
    """The keys that tell every row: its text, the digest of a long text, its number among equal rows."""
    taken = {column.name for column in table.columns}
    return (
        KeyColumn(_free("row_text", taken), "text"),
        KeyColumn(_free("row_digest", taken), "text"),
        KeyColumn(_free("row_number", taken), "bigint"),
    )


def numbered_rows(source: str, names: Sequence[str], keys: Sequence[KeyColumn], filtered: str) -> str:
    """What to select from instead of `source`: its columns (`names`, quoted) and those of `whole_row`.

    `keys` are those of the whole order, `filtered` is the condition that narrows the rows, "" for none.
    """
    text, digest, number = keys[-3:]
    row = f"ROW({', '.join(names)})::text"
    told = [
        *names,
        f'left({row}, {HEAD}) COLLATE "C" AS {text.sql}',
        f"CASE WHEN length({row}) > {HEAD} THEN encode(sha256(textsend({row})), 'hex') ELSE '' END"
        f' COLLATE "C" AS {digest.sql}',
    ]
    before = keys[:-1]
    # ORDER BY the same columns changes no number: it makes the window take the order that the page wants.
    window = f"PARTITION BY {', '.join(key.sql for key in before)} ORDER BY {order_by(before)}"
    counted = ", ".join([*names, text.sql, digest.sql, f"row_number() OVER ({window}) AS {number.sql}"])
    where = f" WHERE {filtered}" if filtered else ""
    inner = f"SELECT {', '.join(told)} FROM {source}{where}"  # noqa: S608 - quoted identifiers, bound values
    return f"(SELECT {counted} FROM ({inner}) AS told) AS {NUMBERED}"  # noqa: S608


def _free(name: str, taken: set[str]) -> str:
    """The name, with what makes it none of the table's."""
    while name in taken:
        name += "_"
    return name
