"""The time zone in which times are shown and filters are read: UTC, this machine's own, or one by its name."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from soundcheck.stores.postgres.session_settings import UTC as UTC_NAME

if TYPE_CHECKING:
    from soundcheck.stores.catalog.tables import Column

LOCAL: Final = "local"
"""What is typed for the machine's own zone."""

_ZONED: Final = frozenset({"timestamptz", "tstzrange", "tstzmultirange"})
_READ_IN_A_ZONE: Final = _ZONED | {"timetz"}
_DATABASE: Final = "zoneinfo/"


def zone_name(typed: str, environ: Mapping[str, str], localtime: Path = Path("/etc/localtime")) -> str:
    """The name to give the server for what a person typed: `UTC`, `local`, or a name as it is."""
    word = typed.strip()
    if word.lower() == UTC_NAME.lower():
        return UTC_NAME
    return local_zone(environ, localtime) if word.lower() == LOCAL else word


def local_zone(environ: Mapping[str, str], localtime: Path = Path("/etc/localtime")) -> str:
    """The machine's zone by its name; by its offset of today, as `<+0530>-05:30`, where nothing tells the name."""
    named = environ.get("TZ", "").removeprefix(":")
    if not named:
        named = str(localtime.resolve()) if localtime.is_symlink() else ""
    if _DATABASE in named:
        named = named.partition(_DATABASE)[2].removeprefix("posix/").removeprefix("right/")
    if named and not named.startswith("/"):
        return UTC_NAME if named in {"Etc/UTC", "UCT", "Zulu", "Etc/Zulu", "Etc/UCT"} else named
    return _by_offset(time.localtime().tm_gmtoff)


def is_shown_in_zone(column: Column) -> bool:
    """Whether the text of its values depends on the zone."""
    return column.type_name.removesuffix("[]") in _ZONED


def is_read_in_zone(column: Column) -> bool:
    """Whether a typed value without a zone of its own is read in this one."""
    return column.type_name.removesuffix("[]") in _READ_IN_A_ZONE


def zone_words(zone: str, columns: Iterable[Column]) -> str:
    """`Times are in Europe/Berlin.`; "" where no column has one."""
    return f"Times are in {zone}." if any(map(is_shown_in_zone, columns)) else ""


def python_zone(zone: str) -> tzinfo | None:
    """The zone for Python; None where this machine does not know it."""
    if zone == UTC_NAME:
        return UTC
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return None


def in_zone(moment: datetime, zone: str) -> datetime:
    """The same moment on the clock of the zone; of UTC where this machine does not know it."""
    return moment.astimezone(python_zone(zone) or UTC)


def _by_offset(seconds: int) -> str:
    """POSIX counts west of Greenwich."""
    hours, minutes = divmod(abs(seconds) // 60, 60)
    east, west = ("+", "-") if seconds >= 0 else ("-", "+")
    return f"<{east}{hours:02}{minutes:02}>{west}{hours:02}:{minutes:02}" if seconds else UTC_NAME
