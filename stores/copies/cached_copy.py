"""Whether a row's cached copies exist, and whether they still say what the row says, field by field.

One TTL and one GET a key, in one pipeline: two billed commands each, both allowed to a read-only token. What a list or
a session should hold is read from the database, and only where the key is there.

What a copy's verdict says in words, its values masked as the field is masked. Pure.

The cached copies of many rows at once: one pipeline for all of them, each key asked once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from soundcheck.stores.amounts import number_of
from soundcheck.stores.copies.cached_value import CachedValue, exposed_fields, read_value
from soundcheck.stores.copies.copy_verdict import (
    CopyVerdict,
    Difference,
    Freshness,
    judge_list,
    judge_part,
    judge_row,
    judge_session,
)
from soundcheck.stores.copies.key_source import read_source, settled, settled_plan
from soundcheck.stores.copies.masked_value import masked_value
from soundcheck.stores.keys import KEY_PLAN, LOOKUPS, KeyRule, KnownKey, Shape, keys_about_row, keys_for_row, known_key
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.personal import mask
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

if TYPE_CHECKING:
    from soundcheck.stores.catalog.tables import Catalog, Table
    from soundcheck.stores.postgres.database import Database
    from soundcheck.stores.upstash.rest import Reply, RestClient

__all__ = ["COMMANDS_A_KEY", "CachedCopy", "Difference", "Freshness", "judge_copy", "read_copies", "with_lookup"]


COMMANDS_A_KEY: Final = 2


@dataclass(frozen=True, slots=True)
class CachedCopy:
    """One key. `ttl` is in seconds, None where the key never expires or is not there; `written` is the envelope's time.

    `exposed` are the fields that no copy may hold and this one does.
    """

    key: str
    freshness: Freshness
    ttl: int | None = None
    differences: tuple[Difference, ...] = ()
    exposed: tuple[str, ...] = ()
    problem: str = ""
    notes: tuple[str, ...] = ()
    written: datetime | None = None
    table: str = ""

    @property
    def differing(self) -> tuple[str, ...]:
        """What differs, by name: a column, `id.column` in a list, `id` for a row that one side lacks."""
        return tuple(one.name for one in self.differences)

    @property
    def is_there(self) -> bool:
        """Whether the key exists, as far as anybody knows."""
        return self.freshness not in {Freshness.NOT_CACHED, Freshness.UNKNOWN}


async def read_copies(
    cache: RestClient,
    table: str,
    row: Mapping[str, Any],
    *,
    plan: tuple[KeyRule, ...] = KEY_PLAN,
    database: Database | None = None,
    catalog: Catalog | None = None,
) -> tuple[CachedCopy, ...]:
    """All copies that the plan names for this row (with the columns of `with_lookup`). Never raises.

    With a database, the keys below the row's own are read as well, and lists are held against its rows.
    """
    whole = database is not None and catalog is not None
    plan = settled_plan(plan, catalog) if catalog is not None else plan
    keys = keys_about_row(table, row, plan) if whole else keys_for_row(table, row, plan)
    replies = await read_keys(cache, keys)
    found = []
    for key, (ttl, value) in zip(keys, replies, strict=True):
        copy, content = value_of(key, ttl, value)
        if content is None:
            found.append(copy)
            continue
        known = known_key(key, plan)
        own = known is not None and _is_row_itself(known, table, row)
        if own:
            verdict = judge_row(table, row, content)
        elif known is not None and database is not None and catalog is not None:
            copy, verdict = await _against_database(copy, known, content, database, catalog)
        else:
            verdict = judge_part(table, row, content)
        found.append(judged(copy, verdict, known.rule.table if known else table))
    return tuple(found)


async def judge_copy(
    copy: CachedCopy, known: KnownKey, content: CachedValue, database: Database, catalog: Catalog
) -> CachedCopy:
    """A copy that was read, held against the rows behind its key. Never raises."""
    copy, verdict = await _against_database(copy, known, content, database, catalog)
    return judged(copy, verdict, known.rule.table)


async def read_keys(cache: RestClient, keys: Sequence[str]) -> list[tuple[Reply, Reply]]:
    """TTL and value of each key, in one pipeline."""
    replies = await cache.pipeline([command for key in keys for command in (("TTL", key), ("GET", key))])
    return list(zip(replies[::2], replies[1::2], strict=True))


def value_of(key: str, ttl: Reply, value: Reply) -> tuple[CachedCopy, CachedValue | None]:
    """What two replies say of a key, and its content where it can be compared."""
    if not value.ok:
        return CachedCopy(key, Freshness.UNKNOWN, problem=value.error or str(value.failure or "no answer")), None
    if value.value is None:
        return CachedCopy(key, Freshness.NOT_CACHED), None
    seconds = ttl.value if ttl.ok and isinstance(ttl.value, int) and ttl.value >= 0 else None
    content = read_value(value.value)
    if content is None:
        return CachedCopy(key, Freshness.UNREADABLE, seconds, problem="the value is not JSON"), None
    notes = ("It never expires.",) if ttl.ok and ttl.value == -1 else ()
    return CachedCopy(key, Freshness.CACHED, seconds, notes=notes, written=content.written), content


def judged(copy: CachedCopy, verdict: CopyVerdict, table: str) -> CachedCopy:
    """The copy with its verdict."""
    return replace(
        copy,
        freshness=verdict.freshness,
        differences=verdict.differences,
        exposed=verdict.exposed,
        notes=(*copy.notes, *verdict.notes),
        table=table,
    )


async def with_lookup(database: Database, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row, and the column of another table that its keys are made of, where this role may read that.

    Raises `DatabaseProblem`.
    """
    from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble

    lookup = LOOKUPS.get(table.name)
    if lookup is None or row.get(lookup.column) is None:
        return dict(row)
    wanted, match = quoted_name(lookup.wanted), quoted_name(lookup.match)
    query = f"SELECT {wanted} FROM {quoted_name(table.schema, lookup.table)} WHERE {match} = $1"  # noqa: S608
    try:
        found = await database.fetch(query, [row[lookup.column]])
    except DatabaseProblem as problem:
        if problem.trouble is not Trouble.PRIVILEGE:
            raise
        return dict(row)
    return {**row, lookup.wanted: found.rows[0][0]} if found.rows else dict(row)


def _is_row_itself(known: KnownKey, table: str, row: Mapping[str, Any]) -> bool:
    """Whether the key holds this very row and nothing else."""
    if known.rule.shape is not Shape.ROW or known.rule.table != table:
        return False
    return str(row.get(known.rule.sources[0].column)) == known.value


async def _against_database(
    copy: CachedCopy, known: KnownKey, content: CachedValue, database: Database, catalog: Catalog
) -> tuple[CachedCopy, CopyVerdict]:
    from soundcheck.stores.postgres.problem import DatabaseProblem

    try:
        source = await read_source(database, catalog, known)
    except DatabaseProblem as problem:
        return replace(copy, problem=problem.message), CopyVerdict(Freshness.UNKNOWN)
    if source is None:
        return copy, CopyVerdict(Freshness.CACHED, exposed=exposed_fields(content.data))
    first = source.rows[0] if source.rows else None
    if source.rule.shape is Shape.LIST:
        return copy, judge_list(source.table.name, source.rows, source.key_columns, content)
    if source.rule.shape is Shape.SESSION:
        return copy, judge_session(first, source.people, content)
    return copy, judge_row(source.table.name, first, content)


LOUD = frozenset({Freshness.STALE, Freshness.ORPHAN, Freshness.UNREADABLE, Freshness.UNKNOWN})
"""What somebody should look at; written in capitals where there is no colour."""


def badge(copy: CachedCopy) -> str:
    """`fresh`, `STALE (2 fields)`, `not cached`."""
    word = copy.freshness.upper() if copy.freshness in LOUD else str(copy.freshness)
    number = len(copy.differences)
    if copy.freshness is Freshness.STALE and number:
        return f"{word} ({number_of(number, 'field')})"
    return word


def both_sides(difference: Difference, table: str, reveal: frozenset[str] | None = frozenset()) -> tuple[Any, Any]:
    """Row's and cache's value as they may be shown; `reveal` are the fields shown as they are, None for all."""
    level = sensitivity(table, difference.field)
    revealed = reveal is None or difference.field in reveal
    if level is Sensitivity.OPEN or revealed:
        return difference.row, masked_value(difference.cache, table, reveal=revealed)
    return mask(difference.row, level), mask(difference.cache, level)


def remarks(copy: CachedCopy) -> tuple[str, ...]:
    """What else there is to say, a sentence each: fields that must not be there, an older shape, a problem."""
    said = [f"Must not be cached: {', '.join(copy.exposed)}."] if copy.exposed else []
    said += copy.notes
    return tuple([*said, copy.problem] if copy.problem else said)


@dataclass(frozen=True, slots=True)
class PageCopies:
    """A copy for each row, None for a row that no key holds; what it cost."""

    copies: tuple[CachedCopy | None, ...]
    commands: int


async def read_page_copies(
    cache: RestClient, table: Table, rows: Sequence[Mapping[str, Any]], plan: tuple[KeyRule, ...] = KEY_PLAN
) -> PageCopies:
    """The copy of each row itself, or where there is none the list that it stands in. Never raises; no query."""
    plan = tuple(settled(rule, table) if rule.table == table.name else rule for rule in plan)
    keys = [key_of_row(table.name, row, plan) for row in rows]
    asked = tuple(dict.fromkeys(key for key in keys if key))
    answers = dict(zip(asked, await read_keys(cache, asked), strict=True))
    found: list[CachedCopy | None] = []
    for key, row in zip(keys, rows, strict=True):
        if not key:
            found.append(None)
            continue
        copy, content = value_of(key, *answers[key])
        known = known_key(key, plan)
        if content is not None and known is not None:
            whole = known.rule.shape is Shape.ROW and known.rule.table == table.name
            verdict = (judge_row if whole else judge_part)(table.name, row, content)
            copy = judged(copy, verdict, table.name)
        found.append(copy)
    return PageCopies(tuple(found), len(asked) * COMMANDS_A_KEY)


def key_of_row(table: str, row: Mapping[str, Any], plan: tuple[KeyRule, ...]) -> str:
    """The key that holds just this row; else one that holds it among others; "" for none."""
    keys = keys_for_row(table, row, plan)
    for key in keys:
        known = known_key(key, plan)
        if known is not None and known.rule.shape in {Shape.ROW, Shape.SESSION}:
            return key
    return keys[0] if keys else ""
