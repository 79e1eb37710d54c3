"""What became of a table that was read before and was read again now, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from soundcheck.stores.catalog.tables import Column, Table


def is_the_same(before: Table, now: Table) -> bool:
    """Whether rows that were read before are still those of this table, whatever their number."""

    def made(table: Table) -> tuple[object, ...]:
        return (
            table.oid,
            table.schema,
            table.name,
            table.kind,
            tuple((column.number, column) for column in table.columns),
            table.withheld,
            table.primary_key,
            table.indexes,
            table.readable,
            table.ctid_is_unique,
        )

    return made(before) == made(now)


def names_now(before: Table, now: Table) -> dict[str, str]:
    """What each column that may still be read is called now; a table that was made again has them by their names."""
    if before.oid != now.oid:
        there = {column.name for column in now.columns}
        return {column.name: column.name for column in before.columns if column.name in there}
    by_number = {column.number: column.name for column in now.columns}
    return {column.name: by_number[column.number] for column in before.columns if column.number in by_number}


def change_words(before: Table, now: Table) -> str:
    """`users changed: phone was added, age was dropped.`; "" where nothing did that anybody sees."""
    said = list(_changes(before, now))
    return f"{before.name} changed: {', '.join(said)}." if said else ""


def _changes(before: Table, now: Table) -> Iterator[str]:
    if before.oid != now.oid:
        yield "the table was made again"
    if (before.schema, before.name) != (now.schema, now.name):
        yield f"its name is {now.name} now" if before.schema == now.schema else f"it is {now.schema}.{now.name} now"
    if before.kind is not now.kind:
        yield f"it is a {now.kind} now"
    names = names_now(before, now)
    then = {column.name: column for column in before.columns}
    there = {names[name]: column for name, column in then.items() if name in names}
    denied = {column.name for column in now.withheld} & then.keys()
    allowed = {column.name for column in before.withheld}
    yield from _listed([c.name for c in now.columns if c.name not in there and c.name not in allowed], "added")
    yield from _listed([name for name in then if name not in names and name not in denied], "dropped")
    if denied:
        yield f"this role may not read {_and(sorted(denied))} any more"
    if regained := [c.name for c in now.columns if c.name not in there and c.name in allowed]:
        yield f"this role may read {_and(regained)} now"
    yield from (f"{old} is called {new} now" for old, new in names.items() if old != new)
    for column in now.columns:
        if column.name in there:
            yield from _column_changes(there[column.name], column)
    if tuple(names.get(name) for name in before.primary_key) != now.primary_key:
        yield f"its primary key is {', '.join(now.primary_key)} now" if now.primary_key else "it has no primary key now"
    if {index.name for index in before.indexes} != {index.name for index in now.indexes}:
        yield "its indexes changed"


def _column_changes(before: Column, now: Column) -> Iterator[str]:
    if before.type != now.type:
        yield f"{now.name} is {now.type} now"
    elif before.labels != now.labels:
        new = [label for label in now.labels if label not in before.labels]
        gone = [label for label in before.labels if label not in now.labels]
        yield f"{now.name} can be {_and(new)} now" if new and not gone else f"{now.name} has other values now"


def _listed(names: Sequence[str], what: str) -> Iterator[str]:
    if names:
        yield f"{_and(names)} {'was' if len(names) == 1 else 'were'} {what}"


def _and(names: Sequence[str], most: int = 4) -> str:
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
