"""Prisma's schema engine without Prisma's command line: what a push would do, the push itself, and drift."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.backend.prisma_cli import migrate_line
from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.local.ownership import refuse_stranger, wants_scram
from soundcheck.stores.postgres.session_settings import STEADY
from soundcheck.stores.postgres.settings import NodeSettings, node_settings
from soundcheck.stores.postgres.url import DEFAULT_PORT, PostgresUrl
from soundcheck.stores.prisma import install as installation
from soundcheck.stores.prisma.failures import FailureCode, PrismaFailure, failure_from
from soundcheck.stores.prisma.node import Node
from soundcheck.stores.prisma.node_config import with_url
from soundcheck.stores.prisma.plan import Drift, PushPlan, PushResult, build_plan
from soundcheck.stores.prisma.schema_text import has_migrations, read_schema
from soundcheck.stores.prisma.table_drift import pushed
from soundcheck.stores.programs.conversation import Event, converse
from soundcheck.stores.programs.environment import allowed
from soundcheck.stores.stranger import Stranger

READ_DEADLINE: Final = 60.0
"""Seconds for a plan. About twenty dependent queries, and up to 15 s for a database that has to wake."""

PUSH_DEADLINE: Final = 300.0
"""Seconds for a push. The lock alone may take 30; building an index over many rows takes what it takes."""

LOCK_TIMEOUT: Final = 30
"""Seconds that a push waits for another push, or a statement of it for a table that somebody holds."""

_ATTEMPTS: Final = 4

Say = Callable[[str], None]


def _say_nothing(_: str) -> None:
    """Nobody listens."""


class PrismaEngine:
    """The engine of one Soundcheck home. Everything but `install` needs it to be installed; nothing else uses npm.

    All database operations want the direct URL; `hostaddr` is the address to connect to where the name was looked up
    already. They raise `PrismaFailure` (with a stable code), `Refused` for a pooled URL, and `CouldNotRun` where the
    engine is missing or a schema cannot be read.
    """

    def __init__(self, home: Path, node: Node, *, environ: Mapping[str, str] = os.environ) -> None:
        self.node = node
        self.environ = environ
        self.folder = installation.engines_folder(home, environ) / installation.engine_key()

    @property
    def is_installed(self) -> bool:
        """Whether it can be used: all of it is there and as we pinned it. Reads 8 MB, 20 ms."""
        return installation.SCHEMA_ENGINE.is_intact(self.folder)

    async def install(self, report: Say = _say_nothing, *, deadline: float = installation.INSTALL_DEADLINE) -> bool:
        """Install it from npm where it is missing (8 MB, about 5 s); says whether anything was done.

        Raises `CouldNotRun` in words: npm missing, blocked, offline, out of time, disk full.
        """
        return await installation.install(
            installation.SCHEMA_ENGINE,
            self.folder,
            self.node,
            environ=self.environ,
            report=report,
            deadline=deadline,
        )

    async def describe(self, schema: Path) -> Mapping[str, Any]:
        """The schema as Prisma reads it: `generators`, `datasources`, `dmmf`. No database is asked."""
        return await self._ask({"operation": "describe", "schema": _files(schema)}, deadline=READ_DEADLINE)

    async def server_version(self, url: PostgresUrl, *, hostaddr: str | None = None) -> tuple[str, bool]:
        """Connect, and say the server's version and whether the connection is encrypted."""
        told = await self._ask({"operation": "version"}, url=url, hostaddr=hostaddr, deadline=READ_DEADLINE)
        return str(told["version"]), bool(told["encrypted"])

    async def plan_push(
        self,
        url: PostgresUrl,
        schema: Path,
        *,
        keep: frozenset[str] = frozenset(),
        drop: frozenset[str] = frozenset(),
        hostaddr: str | None = None,
        deadline: float = READ_DEADLINE,
    ) -> PushPlan:
        """What a push would do; nothing is written and no lock is taken.

        `keep` names losses (those with `can_keep`) that are to stay where they are. `drop` names tables and enums
        outside the schema (as `PushPlan.kept` names them) that are to go; they then are losses.
        """
        told = await self._ask(_plan_request(url, schema, drop), url=url, hostaddr=hostaddr, deadline=deadline)
        return self._judged(told, url, schema, keep, drop)

    async def push(
        self,
        url: PostgresUrl,
        schema: Path,
        plan: PushPlan,
        *,
        accepted: frozenset[str] = frozenset(),
        report: Say = _say_nothing,
        hostaddr: str | None = None,
        deadline: float = PUSH_DEADLINE,
        lock_timeout: int = LOCK_TIMEOUT,
    ) -> PushResult:
        """Carry out a plan: exactly its statements, in one transaction, under Prisma's own lock.

        New values of enums have to be committed before they can be used: a plan with such a statement takes several
        transactions. Where the database changed since the plan was made, the new plan is judged as the old one was.
        Raises `Refused` where a loss is not in `accepted` or the schema has migrations, `PrismaFailure` otherwise.
        """
        started = time.monotonic()
        for _ in range(_ATTEMPTS):
            _refuse(plan, accepted)
            if plan.in_sync:
                report("The database is in sync with the schema")
                return PushResult(plan, 0, _elapsed(started))
            request = _plan_request(url, schema, plan.drop) | {
                "operation": "push",
                "recorded": plan.recorded,
                "digest": plan.digest,
                "execute": plan.statements,
                "lock_timeout": lock_timeout,
            }
            told = await self._ask(
                request, url=url, hostaddr=hostaddr, deadline=deadline, on_event=lambda event: report(_line(event))
            )
            if not told["changed"]:
                return PushResult(plan, int(told["executed"]), _elapsed(started))
            report("The database changed meanwhile; looking again")
            if told["statements"] is None:
                again = _plan_request(url, schema, plan.drop)
                told = await self._ask(again, url=url, hostaddr=hostaddr, deadline=READ_DEADLINE)
            plan = self._judged(told, url, schema, plan.keep, plan.drop)
        raise PrismaFailure(
            FailureCode.ENGINE, "the database keeps changing while it is being pushed to", endpoint=url.endpoint
        )

    async def drift(self, url: PostgresUrl, schema: Path, *, hostaddr: str | None = None) -> Drift:
        """How far the database is from the schema. An empty database is drift.

        What set-up leaves alone is not: tables outside the schema, and indexes and constraints made by hand.
        """
        whole = await self.plan_push(url, schema, hostaddr=hostaddr)
        plan = pushed(whole)
        kept = tuple(loss.name for loss in whole.losses if loss.can_keep)
        return Drift(plan.in_sync, plan.lines, kept, plan.missing_tables, plan.extra_tables)

    def _judged(
        self, told: Mapping[str, Any], url: PostgresUrl, schema: Path, keep: frozenset[str], drop: frozenset[str]
    ) -> PushPlan:
        name = node_settings(url).schema
        plan = build_plan(told, schema=name, has_migrations=has_migrations(schema), keep=keep, drop=drop)
        return replace(plan, migrate_line=migrate_line(schema)) if plan.has_migrations else plan

    async def _ask(
        self,
        request: Mapping[str, Any],
        *,
        deadline: float,
        url: PostgresUrl | None = None,
        hostaddr: str | None = None,
        on_event: Event | None = None,
    ) -> Mapping[str, Any]:
        """One request to a Node child. What it needs to connect goes in on standard input."""
        endpoint = url.endpoint if url else ""
        if url is not None:
            if url.is_pooled:
                raise Refused(
                    f"{url.endpoint} is a pooler; push and its lock need the database itself.",
                    "Use the direct URL: the same host without -pooler.",
                )
            request = {**request, "settings": {**_settings(url, hostaddr), "session": dict(STEADY)}}
        if not await asyncio.to_thread(lambda: self.is_installed):
            changed = installation.SCHEMA_ENGINE.is_complete(self.folder)
            why = f"was changed since it was installed in {self.folder}" if changed else "is not installed"
            raise CouldNotRun(f"The schema engine {why}.", "Run: soundcheck setup")
        try:
            ended = await converse(
                [str(self.node.path), str(self.folder / "main.mjs")],
                json.dumps(request).encode(),
                environment=allowed(self.environ),
                deadline=deadline,
                cwd=self.folder,
                on_event=on_event,
            )
        except TimeoutError:
            raise PrismaFailure(FailureCode.DEADLINE, f"{deadline:g} s are over", endpoint=endpoint) from None
        except OSError as problem:
            raise CouldNotRun(
                f"{self.node.path} cannot be started: {problem.strerror}.", "Reinstall Node, then try again."
            ) from None
        if ended.answer is None:
            raise PrismaFailure(FailureCode.ENGINE, _last_words(ended.stderr, ended.code), endpoint=endpoint)
        if "error" in ended.answer:
            raise failure_from(ended.answer["error"], endpoint=endpoint)
        result: Mapping[str, Any] = ended.answer["result"]
        return result


def _refuse(plan: PushPlan, accepted: frozenset[str]) -> None:
    if plan.has_migrations:
        raise Refused(
            "The schema has a migrations folder, so nothing is pushed: a push would bypass its history.",
            f"Apply the migrations with your own tool: {plan.migrate_line}",
        )
    missing = [name for name in plan.loss_names if name not in accepted]
    if missing:
        raise Refused(
            f"The push would lose: {', '.join(missing)}.",
            f"If that is what you want, add: --accept-data-loss {shlex.join(missing)}",
        )
    if plan.blocked:
        raise PrismaFailure(FailureCode.BLOCKED, " ".join(plan.blocked))


def _files(schema: Path) -> dict[str, Any]:
    return {"files": [{"path": file.name, "content": with_url(file.content)} for file in read_schema(schema)]}


def _plan_request(url: PostgresUrl, schema: Path, drop: frozenset[str]) -> dict[str, Any]:
    """Names to drop as the child compares them: always with their schema."""
    own = node_settings(url).schema
    names = [name.removeprefix("enum:") for name in sorted(drop)]
    qualified = [name if "." in name else f"{own}.{name}" for name in names]
    return {"operation": "plan", "schema": _files(schema), "drop": qualified}


def _settings(url: PostgresUrl, hostaddr: str | None) -> dict[str, Any]:
    """What the child connects with. Raises `PrismaFailure` where the address is ours and the server is not."""
    host, port = hostaddr or url.host, url.port or DEFAULT_PORT
    try:
        refuse_stranger(host, port, url.password)
    except Stranger as stranger:
        raise PrismaFailure(FailureCode.NOT_OURS, str(stranger)) from None
    return _revealed(node_settings(url, hostaddr=hostaddr, scram_only=wants_scram(host, port, url.password)))


def _revealed(settings: NodeSettings) -> dict[str, Any]:
    """The settings as the child reads them, the password in clear; the text goes into its pipe and nowhere else."""
    password = settings.password.reveal() if settings.password else None
    named = {name: getattr(settings, name) for name in NodeSettings.__dataclass_fields__}
    return named | {"password": password, "ssl": dict(settings.ssl) if settings.ssl else None}


def _line(event: Mapping[str, Any]) -> str:
    """A statement as one line of the log: its number, and its beginning."""
    text = " ".join(str(event["sql"]).split())
    return f"{event['number']}/{event['of']} {text if len(text) <= 100 else text[:99] + '…'}"


def _last_words(stderr: str, code: int) -> str:
    lines = [line.strip() for line in stderr.splitlines() if "Error" in line]
    return f"it ended with code {code}" + (f": {lines[-1][:200]}" if lines else "")


def _elapsed(started: float) -> float:
    return (time.monotonic() - started) * 1000
