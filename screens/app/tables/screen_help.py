"""What `?` says of the tables and their rows."""

from __future__ import annotations

from typing import Final

TABLES_HELP: Final = (
    "The tables of the database, and the rows of the open one. Rows are read page by page along a key, so that "
    "the last page of ten million rows comes as fast as the first. Counts with ~ are estimates; n counts.\n\n"
    "In the rows: s sorts by the column under the cursor, / filters it, g goes to a value, a date or 50 %, f "
    "follows a foreign key, x spells it as SQL, t shows the table's structure. What would read very many rows "
    "says so first. Esc stops a read.\n\n"
    "m draws how the tables refer to each other, D compares them with the Prisma schema: what a push would do. z "
    "keeps the columns up to the cursor in sight while the others move. Vim's keys are in the palette.\n\n"
    "F follows the rows on screen: they are asked for again and again, ~ is a changed cell, + a new row, - one "
    "that is gone; the line below has the old value of the cell under the cursor. It asks less often while nothing "
    "changes, and stops while nobody looks. Asking keeps a sleeping (Neon) database awake. Of long values the "
    "first 300 characters and the size are compared.\n\n"
    "Which time zone times are in stands in the frame; Time zone in the palette (F6) changes it, and filters are "
    "read in it.\n\n"
    "Where the database does not answer, the rows turn grey and stay; r tries again in the same place.\n\n"
    '∅ is NULL, "" is the empty text, ••• is personal and masked until you reveal it. Nothing here writes.'
)
