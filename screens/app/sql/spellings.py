"""The same fact in every language a developer may want to paste it in; masked values stay masked. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from screens.app.sql.source import RecordSource, ViewSource
from stores.errors import SoundcheckError
from stores.keys import KEY_PLAN, KeyRule
from stores.prisma.models import PrismaModel
from stores.record import Record
from stores.row_as.as_insert import row_as_insert
from stores.row_as.as_json import row_as_json
from stores.row_as.as_prisma import row_as_prisma
from stores.row_as.as_redis import row_as_redis
from stores.row_as.fields import shown_fields
from stores.view_sql import count_sql, view_sql


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text to copy. `can_copy` is false for a sentence on why there is none."""

    title: str
    text: str
    can_copy: bool = True


def spellings(
    source: ViewSource | RecordSource,
    models: Sequence[PrismaModel] | SoundcheckError,
    plan: tuple[KeyRule, ...] = KEY_PLAN,
) -> list[Spelling]:
    """All of them in their order; `models` are those of the Prisma schema, or why they cannot be read."""
    if isinstance(source, RecordSource):
        record = source.record
        return [
            _tried("JSON", lambda: row_as_json(record, source.reveal)),
            _tried("INSERT", lambda: row_as_insert(record, source.reveal)),
            _prisma(record, models, source.reveal),
            _redis(record, source.reveal, plan),
        ]
    found = [
        _tried("SQL of these rows", lambda: view_sql(source.view, reveal=source.reveal)),
        _tried("SQL that counts them", lambda: count_sql(source.view)),
    ]
    if source.record is not None:
        found += [_prisma(source.record, models, source.reveal), _redis(source.record, source.reveal, plan)]
    return found


def _prisma(record: Record, models: Sequence[PrismaModel] | SoundcheckError, reveal: frozenset[str]) -> Spelling:
    title = "Prisma Client Python, this row"
    if isinstance(models, SoundcheckError):
        return Spelling(title, f"{models.message} {models.hint}", can_copy=False)
    return _tried(title, lambda: row_as_prisma(record, models, reveal))


def _redis(record: Record, reveal: frozenset[str], plan: tuple[KeyRule, ...]) -> Spelling:
    """The keys are made of the row's own values: one that is masked gives no key."""
    shown = shown_fields(record, reveal)
    row = {field.column.name: field.value for field in shown if not field.masked}
    text = row_as_redis(record.table.name, row, plan)
    if text:
        return Spelling("Redis, this row", text)
    return Spelling("Redis, this row", "No cache key holds this row.", can_copy=False)


def _tried(title: str, spell: Callable[[], str]) -> Spelling:
    try:
        return Spelling(title, spell())
    except SoundcheckError as problem:
        return Spelling(title, f"{problem.message} {problem.hint}", can_copy=False)
