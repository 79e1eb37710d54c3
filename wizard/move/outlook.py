"""What a move would carry and what stands against it, decided from the tables of both sides. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from soundcheck.stores import amounts
from soundcheck.stores.backend.prisma_cli import prisma_line
from soundcheck.stores.errors import Refused
from soundcheck.stores.moving.room import TargetRoom
from soundcheck.stores.moving.tables import BOOKKEEPING, Tables, copy_order
from soundcheck.wizard.seed.plan import FREE_TIER


@dataclass(frozen=True, slots=True)
class Outlook:
    """The tables that move, in groups in the order of their foreign keys, and the columns of each.

    `left_behind` are tables of the source that the target has not; `lacking` are columns that the target's table has
    not, by table.
    """

    groups: tuple[tuple[str, ...], ...]
    columns: Mapping[str, tuple[str, ...]]
    left_behind: tuple[str, ...]
    lacking: Mapping[str, tuple[str, ...]]

    @property
    def tables(self) -> tuple[str, ...]:
        """All that move, in order."""
        return tuple(key for group in self.groups for key in group)


def outlook(source: Tables, target: Tables) -> Outlook:
    """Match the two sides by name. A column that one side computes is left out: the other computes it as well."""
    shared = {key: table for key, table in source.items() if key in target and key != BOOKKEEPING}
    columns, lacking = {}, {}
    for key, table in shared.items():
        there = target[key]
        columns[key] = tuple(c for c in table.columns if c in there.columns)
        if gone := tuple(c for c in table.columns if c not in there.columns and c not in there.generated):
            lacking[key] = gone
    # The order is that of the target's constraints, which are the ones that are checked.
    order = copy_order({key: target[key] for key in shared})
    return Outlook(
        groups=order,
        columns=columns,
        left_behind=without_counterpart(source, target),
        lacking=lacking,
    )


def without_counterpart(source: Tables, target: Iterable[str]) -> tuple[str, ...]:
    """The tables of the source that the target will not have."""
    there = frozenset(target)
    return tuple(key for key in source if key not in there and key != BOOKKEEPING)


def refuse_lacking(found: Outlook, root: Path) -> None:
    """Raise `Refused` where values would have no place in the target."""
    if not found.lacking:
        return
    named = ", ".join(f"{key}.{column}" for key, columns in found.lacking.items() for column in columns)
    raise Refused(
        f"The target has no place for these columns: {named}.",
        f"Add them to schema.prisma (`{prisma_line(root, 'db pull')}` writes what the old database has), then move"
        " again.",
    )


def refuse_left_behind(filled: tuple[str, ...], accepted: frozenset[str], *, migrate_line: str = "") -> None:
    """Raise `Refused` where a table with rows has no counterpart in the target and was not named.

    With `migrate_line`, the command for a project with migrations, nothing is pushed: the target has what they made.
    """
    missing = [name for name in filled if name not in accepted]
    if missing and migrate_line:
        raise Refused(
            f"The target lacks tables that have rows here: {', '.join(missing)}.",
            "Your project has migrations: apply them there first, with the new address in DATABASE_URL and DIRECT_URL: "
            f"{migrate_line}",
        )
    if missing:
        raise Refused(
            f"These tables have rows but are not in your schema, so the target lacks them: {', '.join(missing)}.",
            f"Add them to schema.prisma, or leave them where they are: --leave-behind {' '.join(missing)}",
        )


def room_sentence(needed: int, room: TargetRoom, *, is_neon: bool, disk_free: int | None) -> tuple[str, bool]:
    """How the size stands to the room, and whether it fits as far as can be told. In bytes.

    The size is the source's own, with indexes and with what deleted rows still take: it rather says too much.
    """
    free, of = disk_free, "free on this machine's disk"
    if room.limit is not None:
        free, of = room.free, f"left of the {amounts.size(room.limit)} that the target's plan has"
    elif is_neon:
        free, of = max(0, FREE_TIER - room.used), "left of Neon's free 0.5 GB"
    if free is None:
        return f"{amounts.size(needed)} to move; how much room the target has cannot be seen from here", True
    return f"{amounts.size(needed)} to move; {amounts.size(free)} {of}", needed <= free
