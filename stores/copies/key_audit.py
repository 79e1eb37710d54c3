"""What is wrong with keys: no time to live, no row behind them, an older shape, fields that must not be there.

Two commands a key, in pipelines, and one query for each rule: that is said before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from soundcheck.stores.copies.cached_copy import COMMANDS_A_KEY
from soundcheck.stores.copies.cached_value import ENVELOPE_VERSION, CachedValue, by_column, exposed_fields, read_value
from soundcheck.stores.copies.key_source import settled_plan, table_of
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.keys import KEY_PLAN, NEVER_CACHED, KeyRule, KnownKey, Shape, known_key

if TYPE_CHECKING:
    from soundcheck.stores.catalog.tables import Catalog, Table
    from soundcheck.stores.postgres.database import Database
    from soundcheck.stores.upstash.rest import RestClient

MOST_AUDITED: Final = 500
"""Keys of one look: 1,000 commands."""

_AT_ONCE: Final = 50
_WITHOUT_ROWS: Final = frozenset({Shape.LIST, Shape.IDS})


@dataclass(frozen=True, slots=True)
class KeyAudit:
    """Keys by what is wrong with them; a key may stand in several. `looked_at` counts all of them."""

    no_ttl: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    looked_at: int = 0
    commands: int = 0


def price_of(number: int) -> int:
    """Redis commands for so many keys."""
    return min(number, MOST_AUDITED) * COMMANDS_A_KEY


async def audit_keys(
    client: RestClient,
    keys: Sequence[str],
    *,
    plan: tuple[KeyRule, ...] = KEY_PLAN,
    database: Database | None = None,
    catalog: Catalog | None = None,
) -> KeyAudit:
    """Look at the first `MOST_AUDITED` of them. Without a database no orphans and no missing fields are known.

    Raises `StepFailed` where the cache does not answer, `DatabaseProblem`.
    """
    some = tuple(keys[:MOST_AUDITED])
    plan = settled_plan(plan, catalog) if catalog is not None else plan
    no_ttl, older, exposed = [], [], []
    known: list[KnownKey] = []
    for start in range(0, len(some), _AT_ONCE):
        part = some[start : start + _AT_ONCE]
        replies = await client.pipeline([command for key in part for command in (("TTL", key), ("GET", key))])
        for key, ttl, value in zip(part, replies[::2], replies[1::2], strict=True):
            if ttl.failure is not None:
                raise StepFailed(f"The cache does not answer: {ttl.error}", "Try again in a moment.")
            if ttl.value == -1:
                no_ttl.append(key)
            found = known_key(key, plan)
            content = read_value(value.value) if value.ok and value.value is not None else None
            if content is not None:
                if exposed_fields(content.data):
                    exposed.append(key)
                if is_older(content, table_of(catalog, found.rule) if catalog and found else None, found):
                    older.append(key)
            if found is not None and ttl.value != -2 and not (content is not None and content.data is None):
                known.append(found)
    gone = await _without_rows(database, catalog, known) if database is not None and catalog is not None else ()
    spent = price_of(len(some))
    return KeyAudit(tuple(no_ttl), tuple(gone), tuple(older), tuple(exposed), len(some), spent)


def is_older(content: CachedValue, table: Table | None, known: KnownKey | None) -> bool:
    """An envelope of another version, or one whose row lacks columns that the table has today. Pure."""
    if content.version is None:
        return False
    if content.version != ENVELOPE_VERSION:
        return True
    rule_is_row = known is not None and known.rule.shape in {Shape.ROW, Shape.SESSION}
    if table is None or not rule_is_row or not isinstance(content.data, dict):
        return False
    columns = {one.name: None for one in table.columns if one.name not in NEVER_CACHED.get(table.name, frozenset())}
    return len(by_column(content.data, columns)) < len(columns)


async def _without_rows(database: Database, catalog: Catalog, known: Sequence[KnownKey]) -> list[str]:
    """The keys whose value no row has; a list that is empty is no orphan. One query for each rule."""
    from psycopg import sql

    by_rule: dict[KeyRule, list[str]] = defaultdict(list)
    for one in known:
        if one.rule.shape not in _WITHOUT_ROWS:
            by_rule[one.rule].append(one.value)
    orphans: list[str] = []
    for rule, values in by_rule.items():
        table = table_of(catalog, rule)
        if table is None:
            continue
        name = sql.Identifier(rule.sources[0].column)
        query = sql.SQL("SELECT {}::text FROM {} WHERE {}::text = ANY($1)").format(
            name, sql.Identifier(table.schema, table.name), name
        )
        if table.column(rule.sources[0].column).type_name in {"text", "varchar"}:  # then the index serves
            query = sql.SQL("SELECT {}::text FROM {} WHERE {} = ANY($1)").format(
                name, sql.Identifier(table.schema, table.name), name
            )
        found: set[Any] = {row[0] for row in (await database.fetch(query.as_string(None), [values])).rows}
        orphans += [rule.key(value) for value in values if value not in found]
    return sorted(orphans)
