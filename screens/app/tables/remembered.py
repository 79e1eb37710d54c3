"""What the browser remembers of a project: columns of each table, and the last place of each profile. No values.

Kept as JSON in the project's own state folder, readable by its owner alone. Filters are not kept: they hold data.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from soundcheck.screens.app.grid.arrangement import NARROWEST, WIDEST_BY_HAND, Arrangement
from soundcheck.stores.catalog.index_match import SortColumn
from soundcheck.stores.catalog.tables import TableName
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.kept_file import KeptFile, NotReadable
from soundcheck.stores.project.project import Project

FILE_NAME: Final = "browser.json"
_LARGEST: Final = 1_000_000
log = logging.getLogger("soundcheck.app")


@dataclass(frozen=True, slots=True)
class LastPlace:
    """The table that was open, and its order."""

    table: TableName
    sort: tuple[SortColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class Remembered:
    """`arrangements` by table, `places` by profile."""

    arrangements: Mapping[TableName, Arrangement] = field(default_factory=dict)
    places: Mapping[str, LastPlace] = field(default_factory=dict)


def load_remembered(project: Project) -> Remembered:
    """What was kept; nothing where the file is not there or is not one of ours."""
    try:
        return _kept(project).read() or Remembered()
    except NotReadable:
        log.warning("%s cannot be read, so the browser starts afresh", FILE_NAME, exc_info=True)
        return Remembered()


def save_remembered(project: Project, remembered: Remembered) -> None:
    """Keep it. A disk that refuses costs the memory, not the session."""
    try:
        _kept(project).write(remembered)
    except SoundcheckError:
        log.warning("%s cannot be written", FILE_NAME, exc_info=True)


def _kept(project: Project) -> KeptFile[Remembered]:
    return KeptFile(project.state / FILE_NAME, _to_json, _from_json, largest=_LARGEST)


def _to_json(remembered: Remembered) -> Mapping[str, Any]:
    return {
        "tables": [
            {"table": list(table), "hidden": sorted(one.hidden), "widths": dict(one.widths), "frozen": one.frozen}
            for table, one in remembered.arrangements.items()
            if one.hidden or one.widths or one.frozen
        ],
        "places": {
            profile: {"table": list(one.table), "sort": [[column.name, column.descending] for column in one.sort]}
            for profile, one in remembered.places.items()
        },
    }


def _from_json(raw: Mapping[str, Any]) -> Remembered:
    return Remembered(
        {_name(one["table"]): _arrangement(one) for one in raw["tables"]},
        {profile: _place(one) for profile, one in raw["places"].items()},
    )


def _name(value: Any) -> TableName:
    schema, name = value
    return str(schema), str(name)


def _arrangement(one: Any) -> Arrangement:
    widths = {str(name): max(NARROWEST, min(WIDEST_BY_HAND, int(width))) for name, width in one["widths"].items()}
    return Arrangement(frozenset(map(str, one["hidden"])), widths, frozen=str(one.get("frozen", "")))


def _place(one: Any) -> LastPlace:
    return LastPlace(_name(one["table"]), tuple(SortColumn(str(name), bool(down)) for name, down in one["sort"]))
