"""What `?` says of an open row."""

from __future__ import annotations

from typing import Final

RECORD_HELP: Final = (
    "One row with every column. ∅ is NULL, no value. Personal and secret values stay masked until you reveal the "
    "very cell; copying copies what you see.\n\n"
    "Leads to: → is a row that this one names, ← are the rows that name it; tab goes there, enter opens them, n "
    "counts them all. On a column that names a row, f opens that row. "
    "The title is the way here, esc goes back one step.\n\n"
    "F follows the row: it is read again and again, ~ stands where a value changed, old → new below it.\n\n"
    "Beside it: the cache keys that hold this row, whether each copy still says what the database says, and the "
    "fields that differ, masked as they are masked here. Opening the row costs two commands for each key. On a "
    "copy (right arrow): d drops it and asks first, w stores the present value, t times what it saves."
)
