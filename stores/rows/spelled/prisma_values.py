"""A value that was typed for a column, as the Python expression that Prisma Client Python takes. Pure.

Only what compares as the server's own cast of the text would: everything else is refused in words.
"""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from soundcheck.stores.catalog.tables import Column
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.session_settings import UTC as UTC_NAME
from soundcheck.stores.postgres.sql_text import python_literal
from soundcheck.stores.postgres.time_zone import python_zone
from soundcheck.stores.prisma.models import PrismaField

INSTANTS: Final = frozenset({"timestamp", "timestamptz"})
_BITS: Final = {"int2": 15, "int4": 31, "int8": 63}
_TRUE: Final = frozenset({"t", "true", "y", "yes", "on", "1"})
_FALSE: Final = frozenset({"f", "false", "n", "no", "off", "0"})
_NUMBER: Final = re.compile(r"[+-]?\d{1,60}(\.\d{1,60})?", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SPLITS_LINES: Final = re.compile("[\x85\u2028\u2029]")
"""Characters at which the client's own query builder breaks a text into lines and indents them."""

_TAKEN: Final[Mapping[str, frozenset[str]]] = {
    "String": frozenset({"text", "varchar", "uuid"}),
    "Int": frozenset(_BITS),
    "BigInt": frozenset(_BITS),
    "Float": frozenset({"float8", "float4"}),
    "Decimal": frozenset({"numeric"}),
    "Boolean": frozenset({"bool"}),
    "DateTime": INSTANTS | {"date"},
    "Bytes": frozenset({"bytea"}),
}
"""Which types of columns are compared alike by the client and by the server, for each type of the schema."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A column with its field of the schema. `type_name` is the bare one, of an element where it is an array."""

    column: Column
    field: PrismaField
    zone: str = UTC_NAME
    """In which a time without a zone of its own is read."""

    @property
    def type_name(self) -> str:
        """As in the catalogue, without `[]`."""
        return self.column.type_name.removesuffix("[]")

    def refuse_unlike(self) -> None:
        """Raises `UsageError` where the client would compare otherwise than the server, or not at all."""
        if not self.field.labels and self.type_name not in _TAKEN.get(self.field.type, frozenset()):
            raise cannot(f"{self.column.name} is {self.column.type}, which it compares otherwise or not at all")

    def literal(self, text: str) -> str:
        """The expression. Raises `UsageError`."""
        self.refuse_unlike()
        if self.field.labels:
            return self._label(text)
        made = _MAKERS[self.field.type](self, text)
        if made is None:
            raise cannot(f"{text!r} is no {self.column.type} that Python and the server read alike")
        return made

    def day(self, text: str) -> tuple[str, str] | None:
        """For a plain day in a column of date and time: its midnight and the next one."""
        if self.type_name not in INSTANTS or not _DAY.fullmatch(text):
            return None
        self.refuse_unlike()
        try:
            begin = date.fromisoformat(text)
            return self.midnight(begin), self.midnight(begin + timedelta(days=1))
        except (ValueError, OverflowError):
            raise cannot(f"{text!r} is no day that Python can hold") from None

    def midnight(self, day: date) -> str:
        """Where the day begins: in the zone for an instant, as Prisma writes it (UTC) for a clock without a zone."""
        if self.type_name != "timestamptz":
            return _instant(day)
        return _moment(self.in_zone(datetime(day.year, day.month, day.day)))

    def in_zone(self, clock: datetime) -> datetime:
        """The instant at which a clock of the zone shows this. Raises `UsageError` where only the server can tell."""
        zone = python_zone(self.zone)
        if zone is None:
            raise cannot(f"this machine does not know the time zone {self.zone}")
        moment = clock.replace(tzinfo=zone)
        if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != clock or (
            moment.utcoffset() != moment.replace(fold=1).utcoffset()
        ):
            raise cannot(f"the clocks of {self.zone} are changed at {clock}")
        return moment.astimezone(UTC)

    def _label(self, text: str) -> str:
        name = next((name for name, label in self.field.labels if label == text), None)
        if name is None:
            raise cannot(f"the schema's {self.field.type} has no value for {text!r}")
        return python_literal(name)


def cannot(why: str) -> UsageError:
    """The refusal, with its reason."""
    return UsageError(f"Prisma Client Python cannot say this: {why}.", "The SQL above says it.")


def text_literal(text: str) -> str:
    """A text. Raises `UsageError` for one that the client's query builder would change."""
    if _SPLITS_LINES.search(text) or "\x00" in text:
        raise cannot("its query builder changes texts with the line separators U+0085, U+2028 and U+2029")
    return python_literal(text)


def _moment(moment: datetime) -> str:
    return f'datetime.fromisoformat("{moment.isoformat()}")'


def _instant(day: date) -> str:
    return f'datetime.fromisoformat("{day.isoformat()}T00:00:00+00:00")'


def _string(compared: Compared, text: str) -> str | None:
    if compared.type_name != "uuid":
        return text_literal(text)
    try:
        return python_literal(str(uuid.UUID(text)))
    except ValueError:
        return None


def _whole(compared: Compared, text: str) -> str | None:
    text = text.strip()
    if not re.fullmatch(r"[+-]?\d{1,19}", text, re.ASCII):
        return None
    number, bits = int(text), _BITS[compared.type_name]
    return str(number) if -(2**bits) <= number < 2**bits else None


def _float(compared: Compared, text: str) -> str | None:
    if not _NUMBER.fullmatch(text.strip()):
        return None
    number = float(text)
    if compared.type_name == "float4":
        try:
            if struct.unpack("f", struct.pack("f", number))[0] != number:
                return None  # the server compares with the nearest float4, the client with this number itself
        except OverflowError:
            return None
    return repr(number)


def _decimal(_: Compared, text: str) -> str | None:
    return f'Decimal("{text.strip()}")' if _NUMBER.fullmatch(text.strip()) else None


def _boolean(_: Compared, text: str) -> str | None:
    word = text.strip().lower()
    return "True" if word in _TRUE else "False" if word in _FALSE else None


def _time(compared: Compared, text: str) -> str | None:
    text = text.strip()
    if compared.type_name == "date":
        return _instant(date.fromisoformat(text)) if _DAY.fullmatch(text) and _is_day(text) else None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if compared.type_name == "timestamp" and moment.utcoffset():
        return None  # the server reads the clock and passes over the offset
    if moment.microsecond % 1000 or not _DAY.match(text):
        return None  # the client cuts off what is below a millisecond
    if moment.tzinfo is not None:
        return _moment(moment)
    return _moment(compared.in_zone(moment) if compared.type_name == "timestamptz" else moment.replace(tzinfo=UTC))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _bytes(_: Compared, text: str) -> str | None:
    if not re.fullmatch(r"\\x([0-9a-fA-F]{2})*", text):
        return None
    return f'Base64.encode(bytes.fromhex("{text[2:]}"))'


_MAKERS: Final[Mapping[str, Callable[[Compared, str], str | None]]] = {
    "String": _string,
    "Int": _whole,
    "BigInt": _whole,
    "Float": _float,
    "Decimal": _decimal,
    "Boolean": _boolean,
    "DateTime": _time,
    "Bytes": _bytes,
}
