"""Where a move stands, kept between runs: names, numbers and hashes of whole tables, never a secret.

A table's digest is written before its transaction is committed. So whatever is killed where: the target's table is
empty, or holds rows whose digest is known here, or holds the same rows as the source. Anything else is somebody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.moving.digest import Digest
from soundcheck.stores.project.kept_file import KeptFile, NotReadable
from soundcheck.stores.project.project import Project

VERSION: Final = 1
FILE: Final = "move.json"


class MovePhase(StrEnum):
    """How far it is. Up to `SWITCHING` the old address is in use; from `SWITCHED` on the new one."""

    COPYING = "copying"
    VERIFIED = "verified"
    SWITCHING = "switching"
    SWITCHED = "switched"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class MoveState:
    """One move. The places are `user@host:port/database`, or `local`; of the cache the REST address without its token.

    `tables` holds what was copied and verified, by the table's name. A half that does not move has "" for its places.
    """

    source: str
    target: str
    cache_source: str = ""
    cache_target: str = ""
    phase: MovePhase = MovePhase.COPYING
    tables: Mapping[str, Digest] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    as_utf8: bool = False
    """The columns of each table that its digest is of, and how it is made: see `stores.moving.digest`."""
    started_at: str = ""

    def copied(self, digests: Mapping[str, Digest]) -> MoveState:
        """With these tables known as ours."""
        return replace(self, tables={**self.tables, **digests})

    def is_for(self, other: MoveState) -> bool:
        """Whether the other goes from the same database to the same one."""
        return bool(self.target) and (self.source, self.target) == (other.source, other.target)


def state_file(project: Project) -> Path:
    """Where it lies, 0600."""
    return project.state / FILE


def load_state(project: Project) -> MoveState | None:
    """The last move; None where there was none, or what is there cannot be read: then nothing counts as ours."""
    try:
        return _kept(project).read()
    except NotReadable:
        return None


def save_state(project: Project, state: MoveState) -> None:
    """Write it. Raises `CouldNotRun` where the state folder cannot be written."""
    _kept(project).write(state)


def _kept(project: Project) -> KeptFile[MoveState]:
    return KeptFile(state_file(project), _to_json, _from_json, VERSION)


def _to_json(state: MoveState) -> Mapping[str, Any]:
    return {
        "source": state.source,
        "target": state.target,
        "cache_source": state.cache_source,
        "cache_target": state.cache_target,
        "phase": state.phase,
        "as_utf8": state.as_utf8,
        "tables": {
            name: {"rows": one.rows, "sums": one.sums, "columns": list(state.columns[name])}
            for name, one in state.tables.items()
        },
        "started_at": state.started_at,
    }


def _from_json(raw: Mapping[str, Any]) -> MoveState:
    return MoveState(
        source=str(raw["source"]),
        target=str(raw["target"]),
        cache_source=str(raw["cache_source"]),
        cache_target=str(raw["cache_target"]),
        phase=MovePhase(raw["phase"]),
        tables={str(name): Digest(int(one["rows"]), str(one["sums"])) for name, one in raw["tables"].items()},
        columns={str(name): tuple(map(str, one["columns"])) for name, one in raw["tables"].items()},
        as_utf8=bool(raw["as_utf8"]),
        started_at=str(raw["started_at"]),
    )
