"""The same fact in every language a developer may want to paste it in; masked values stay masked. Pure.

What the Prisma schema says for the spellings: its models, how its client is called, and where that lies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from soundcheck.screens.app.sql.source import RecordSource, ViewSource
from soundcheck.stores.copies.redis_commands import row_as_redis
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.keys import KEY_PLAN, KeyRule
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.prisma.models import PrismaModel
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.project.project import Project
from soundcheck.stores.rows.record import Record
from soundcheck.stores.rows.spelled.as_prisma import row_as_prisma
from soundcheck.stores.rows.spelled.prisma_where import count_as_prisma, view_as_prisma
from soundcheck.stores.rows.spelled.row import row_as_insert, row_as_json, shown_fields
from soundcheck.stores.rows.spelled.sql import count_sql, view_sql


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text to copy. `can_copy` is false for a sentence on why there is none."""

    title: str
    text: str
    can_copy: bool = True
    is_call: bool = False
    """Whether it is a call that the generated client can compile."""


def spellings(
    source: ViewSource | RecordSource,
    models: Sequence[PrismaModel] | SoundcheckError,
    plan: tuple[KeyRule, ...] = KEY_PLAN,
    *,
    is_async: bool = True,
    zone: str = UTC,
) -> list[Spelling]:
    """All of them in their order; `models` are those of the Prisma schema, or why they cannot be read.

    `is_async` says whether the calls of its client are awaited, `zone` where a time without a zone belongs.
    """
    if isinstance(source, RecordSource):
        record = source.record
        return [
            _tried("JSON", lambda: row_as_json(record, source.reveal)),
            _tried("INSERT", lambda: row_as_insert(record, source.reveal)),
            _prisma("this row", models, lambda found: row_as_prisma(record, found, source.reveal), is_async),
            _redis(record, source.reveal, plan),
        ]
    found = [
        _tried("SQL of these rows", lambda: view_sql(source.view, reveal=source.reveal, zone=zone)),
        _tried("SQL that counts them", lambda: count_sql(source.view, zone=zone)),
        _prisma("these rows", models, lambda found: view_as_prisma(source.view, found, zone=zone), is_async),
        _prisma("their count", models, lambda found: count_as_prisma(source.view, found, zone=zone), is_async),
    ]
    if (row := source.record) is not None:
        found += [
            _prisma("this row", models, lambda known: row_as_prisma(row, known, source.reveal), is_async),
            _redis(row, source.reveal, plan),
        ]
    return found


def _prisma(
    what: str,
    models: Sequence[PrismaModel] | SoundcheckError,
    spell: Callable[[Sequence[PrismaModel]], str],
    is_async: bool,
) -> Spelling:
    title = f"Prisma Client Python, {what}"
    if isinstance(models, SoundcheckError):
        return Spelling(title, f"{models.message} {spelled(models.hint)}", can_copy=False)
    found = _tried(title, lambda: spell(models))
    if not found.can_copy:
        return found
    return replace(found, text=found.text if is_async else found.text.replace("await db.", "db.", 1), is_call=True)


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
        return Spelling(title, f"{problem.message} {spelled(problem.hint)}", can_copy=False)


@dataclass(frozen=True, slots=True)
class SchemaRead:
    """The models, or why they cannot be read. `client` is the generated client that fits them, None where none does."""

    models: Sequence[PrismaModel] | SoundcheckError
    is_async: bool = True
    client: Path | None = None


def read_schema_of(project: Project, environ: Mapping[str, str]) -> SchemaRead:
    """Read the project's schema, else ours. Blocking, a few milliseconds."""
    from soundcheck.stores.prisma.client_place import ClientState, client_folder, client_state
    from soundcheck.stores.prisma.models import load_models
    from soundcheck.stores.prisma.schema_text import python_generator, schema_in_use

    schema = schema_in_use(project)
    try:
        models = load_models(schema)
        generator = python_generator(schema)
    except SoundcheckError as problem:
        return SchemaRead(problem)
    is_async = generator is None or generator.interface != "sync"
    try:
        fits = project.schema is not None and client_state(project, schema, environ) is ClientState.GENERATED
        return SchemaRead(models, is_async, client_folder(project, schema, environ) if fits else None)
    except SoundcheckError:  # a client in no usable place compiles nothing; its check says so
        return SchemaRead(models, is_async)
