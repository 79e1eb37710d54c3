"""Why a push cannot be done on what is there, and what to do about it. Pure.

Prisma's engine says "it is not possible to execute this step" and goes on to say how; the texts are those of
schema-engine 6.19.3 (`unexecutable_step_check.rs`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.prisma.sql_words import SqlWords

_COLUMN: Final = r"`(?P<column>[^`]+)`"
_TABLE: Final = r"`(?P<table>[^`]+)`"
_ROWS: Final = r"(?:There are (?P<rows>\d+) rows?)?"

_KNOWN: Final = (
    (
        rf"Added the required column {_COLUMN} to the {_TABLE} table without a default value\. {_ROWS}",
        "The new column `{column}` of `{table}` is required and has no default, so the {rows} there cannot get a value."
        " Add a @default, or make the field optional until the rows are filled.",
    ),
    (
        rf"The required column {_COLUMN} was added to the {_TABLE} table with a prisma-level default value\. {_ROWS}",
        "The new column `{column}` of `{table}` is required, and only Prisma's client makes its default, so the {rows}"
        " there cannot get a value. Make the field optional, fill the rows, then make it required.",
    ),
    (
        rf"Made the column {_COLUMN} on table {_TABLE} required, but there are (?P<rows>\d+) existing NULL",
        "The column `{column}` of `{table}` becomes required, and it is NULL in {rows}."
        " Fill them (UPDATE … WHERE {quoted} IS NULL), or leave the field optional.",
    ),
    (
        rf"Changed the column {_COLUMN} on the {_TABLE} table from a scalar field to a list field\."
        r" There are (?P<rows>\d+)",
        "The column `{column}` of `{table}` becomes a list, and {rows} hold one value."
        " Add the list as another field, copy the values, then remove this one.",
    ),
    (
        rf"Changed the type of {_COLUMN} on the {_TABLE} table\. No cast exists",
        "The column `{column}` of `{table}` gets a type that its values cannot be cast to, and it is required."
        " Add a field of the new type, copy the values, then remove this one.",
    ),
)


def in_words(said: str) -> str:
    """The engine's reason with its cure; its own text where it is none of the known ones."""
    for pattern, words in _KNOWN:
        if found := re.match(pattern, said):
            named = found.groupdict()
            count = named.get("rows")
            rows = "rows" if not count else "1 row" if count == "1" else f"{count} rows"
            return words.format(
                column=named["column"], table=named["table"], rows=rows, quoted=quoted_name(str(named["column"]))
            )
    return said


def out_of_reach(
    statements: Sequence[str], objects: Sequence[tuple[str, str, str, bool]], schema: str
) -> tuple[str, ...]:
    """Each extension that the statements need and that lies in a schema where they do not look, with the cure.

    `objects` are what such extensions hold: extension, its schema, the object's name, whether it can be moved. Prisma
    names types, operator classes and functions without a schema, and a push looks in `schema` alone.
    """
    used = {word.lower() for statement in statements for word in _unqualified(statement)}
    found = {}
    for extension, where, name, movable in objects:
        if name in used and extension not in found:
            found[extension] = (
                f"{name} belongs to the extension {extension}, which is installed in the schema {where}; a push looks"
                f" in {schema} only. {_cure(extension, f'{quoted_name(where)}.{name}', schema, movable=movable)}"
            )
    return tuple(found.values())


def _cure(extension: str, qualified: str, schema: str, *, movable: bool) -> str:
    """The statements, or the name to write. The objects of a trusted extension belong to a superuser."""
    if not movable:
        return f"Write it with its schema: {qualified}."
    name, target = quoted_name(extension), quoted_name(schema)
    return (
        f"A superuser can move it: ALTER EXTENSION {name} SET SCHEMA {target};"
        f" while nothing uses it, its owner can make it again: DROP EXTENSION {name};"
        f" CREATE EXTENSION {name} SCHEMA {target};"
    )


def _unqualified(statement: str) -> list[str]:
    """The words that are neither quoted nor a literal, and have no schema before them."""
    tokens = SqlWords(statement).tokens
    return [token for at, token in enumerate(tokens) if token[0] not in "\"'" and (at == 0 or tokens[at - 1] != ".")]
