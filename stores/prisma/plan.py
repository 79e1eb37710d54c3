"""What a push would do, as a value that a person can be shown and the guard can decide on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from soundcheck.stores.backend.prisma_cli import migrate_line
from soundcheck.stores.prisma.catalogue import Catalogue, catalogue_from
from soundcheck.stores.prisma.failures import FailureCode, PrismaFailure
from soundcheck.stores.prisma.judging import judged
from soundcheck.stores.prisma.loss_rules import RULES, Rules
from soundcheck.stores.prisma.obstacles import in_words, out_of_reach
from soundcheck.stores.prisma.rebuilt_indexes import without_rebuilds
from soundcheck.stores.prisma.schema_text import OTHERS
from soundcheck.stores.prisma.statements import Effect, Loss, SchemaChange, created_tables
from soundcheck.stores.prisma.taken_names import make_room


@dataclass(frozen=True, slots=True)
class PushPlan:
    """A push before it happens. `lines` tells it to a person; `loss_names` and `only_adds` go to the guard.

    `recorded` are the statements the engine would run, `statements` those that we shall: without the drops that were
    asked to be left out and the indexes that would only be made again, and with the drops of whatever has a name that
    is needed. `kept` names what stands in the
    database and is left alone: tables and enums outside the schema, and those drops. `blocked` holds the reasons why
    it cannot be done on what is there; `warnings` Prisma's other remarks.
    """

    changes: tuple[SchemaChange, ...] = ()
    losses: tuple[Loss, ...] = ()
    created_tables: tuple[str, ...] = ()
    missing_tables: tuple[str, ...] = ()
    extra_tables: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    has_migrations: bool = False
    migrate_line: str = migrate_line()
    """What is typed in place of a push where there are migrations."""
    recorded: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    keep: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()
    digest: str = ""
    """Of everything that the plan was judged by; with another one it has to be judged again."""
    database: str = ""
    """What the server calls the database, which behind a pooler need not be the address's name."""

    @property
    def in_sync(self) -> bool:
        """Whether there is nothing to do."""
        return not self.statements and not self.blocked

    @property
    def only_adds(self) -> bool:
        """Whether nothing that is there changes. An empty plan only adds."""
        return not self.blocked and all(change.effect is Effect.ADDS for change in self.changes)

    @property
    def loss_names(self) -> tuple[str, ...]:
        """The names to consent to, each once."""
        return tuple(dict.fromkeys(loss.name for loss in self.losses))

    def words_for(self, name: str) -> str:
        """What would happen to what is called so, to be said after "the push would"."""
        return ", and ".join(dict.fromkeys(loss.text for loss in self.losses if loss.name == name))

    @property
    def lines(self) -> tuple[str, ...]:
        """The plan in plain lines: `+` adds, `~` changes, `-` loses, `!` cannot be done."""
        marks = {Effect.ADDS: "+", Effect.CHANGES: "~", Effect.LOSES: "-"}
        told = [f"{marks[change.effect]} {change.text}" for change in self.changes]
        return (*told, *(f"! {reason}" for reason in self.blocked))


@dataclass(frozen=True, slots=True)
class PushResult:
    """A push that is done. `executed` counts statements; `plan` is the one that was carried out."""

    plan: PushPlan
    executed: int
    elapsed_ms: float

    @property
    def created_tables(self) -> tuple[str, ...]:
        """The tables that are new."""
        return self.plan.created_tables if self.executed else ()


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the database is from the schema. `lines` are those of the push that would close the gap.

    `kept` names the indexes and constraints beside the schema that a push leaves where they are.
    """

    in_sync: bool
    lines: tuple[str, ...]
    kept: tuple[str, ...]
    missing_tables: tuple[str, ...]
    extra_tables: tuple[str, ...]


def build_plan(
    told: Mapping[str, Any],
    *,
    schema: str,
    has_migrations: bool = False,
    keep: frozenset[str] = frozenset(),
    drop: frozenset[str] = frozenset(),
    rules: Rules = RULES,
) -> PushPlan:
    """Judge what the Node child tells of a push. Pure. `schema` is the one that the URL names, or `public`.

    Raises `PrismaFailure` (`permission_denied`) where the engine would create a table that is there: the role cannot
    see it.
    """
    recorded = tuple(told["statements"])
    catalogue = catalogue_from(told, schema)
    live = _shown(told["live"]["tables"], schema)
    wanted = _shown(told["target"]["tables"], schema)
    hidden = [name for name in created_tables(recorded, schema) if name in live]
    if hidden:
        raise PrismaFailure(FailureCode.PERMISSION_DENIED, f"it cannot see the table {hidden[0]}, which is there")
    possible, taken = make_room(without_rebuilds(recorded, catalogue), catalogue)
    keepable = _keepable(possible, catalogue, rules)
    left_out = {at: name for at, name in keepable.items() if name in keep}
    statements = tuple(s for at, s in enumerate(possible) if at not in left_out)
    judgement = judged(statements, catalogue, rules)
    left = [at for at in range(len(possible)) if at not in left_out]
    changes = tuple(_marked(change, keeps=left[change.statement] in keepable) for change in judgement.changes)
    extra = tuple(name for name in live if name not in wanted and name != OTHERS)
    return PushPlan(
        changes=changes,
        losses=tuple(change.loss for change in changes if change.loss is not None),
        created_tables=created_tables(statements, schema),
        missing_tables=tuple(name for name in wanted if name not in live),
        extra_tables=extra,
        kept=(
            *(name for name in _shown(told["kept"]["tables"], schema) if name != OTHERS),
            *(f"enum:{name}" for name in _shown(told["kept"]["enums"], schema)),
            *sorted(left_out.values()),
        ),
        blocked=(
            *map(in_words, told["unexecutable"]),
            *taken,
            *judgement.blocked,
            *out_of_reach(statements, told["hidden"], schema),
        ),
        warnings=tuple(told["warnings"]),
        has_migrations=has_migrations,
        recorded=recorded,
        statements=statements,
        keep=keep,
        drop=drop,
        digest=str(told["digest"]),
        database=catalogue.database,
    )


def _keepable(statements: Sequence[str], catalogue: Catalogue, rules: Rules) -> dict[int, str]:
    """The statements that only drop what could stay, each with the name of that.

    Without them the object has to be there afterwards, whatever the others do, and it must not stand in their way.
    """
    changes = judged(statements, catalogue, rules).changes
    found = {c.statement: c.loss.name for c in changes if c.loss is not None and c.loss.can_keep}
    while found:
        without = judged([s for at, s in enumerate(statements) if at not in found], catalogue, rules)
        losses = [change.loss for change in without.changes if change.loss is not None]
        goes = {name for loss in losses for name in (loss.name, *loss.parts)} | without.in_the_way
        stay = {at: name for at, name in found.items() if name not in goes}
        if len(stay) == len(found):
            break
        found = stay
    return found


def _marked(change: SchemaChange, *, keeps: bool) -> SchemaChange:
    """The change with what is known of its loss from the whole plan."""
    if change.loss is None or not change.loss.can_keep or keeps:
        return change
    return replace(change, loss=replace(change.loss, can_keep=False))


def _shown(names: Sequence[Sequence[Any]], default: str) -> list[str]:
    """Names as a person reads them: sorted, with their schema where it is not the usual one."""
    return sorted(str(name[1]) if name[0] == default else f"{name[0]}.{name[1]}" for name in names)
