"""How a value is written in L2: `{"v":1,"at":ISO,"ttl":s,"data":…}`, readable from any language. Pure."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, NoReturn

from soundcheck.stores.cache.uncacheable import may_hold_a_secret, plain

VERSION: Final = 1
_COMPACT: Final = (",", ":")


class Opened(NamedTuple):
    """A value from L2. `age`, `ttl` are seconds; None where the writer did not tell, as in bare JSON."""

    data: Any
    age: float | None = None
    ttl: float | None = None

    @property
    def left(self) -> float | None:
        """Seconds until it expires, by the writer's clock; None where unknown."""
        return None if self.age is None or self.ttl is None else max(0.0, self.ttl - self.age)


def seal(data: object, *, ttl: float, at: datetime) -> str:
    """The text for L2. `data` has been through `plain`."""
    stamp = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    envelope = {"v": VERSION, "at": stamp, "ttl": round(ttl, 3), "data": data}
    text = json.dumps(envelope, ensure_ascii=False, separators=_COMPACT, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which UTF-8 cannot hold and an escape can
        return json.dumps(envelope, separators=_COMPACT, allow_nan=False)
    return text


def open_envelope(text: str, *, now: datetime) -> Opened | None:
    """What a text of L2 holds, bare JSON included; None for what is not JSON, or of a version yet unknown."""
    try:
        document = _READ(text)
    except (ValueError, RecursionError):
        return None
    if may_hold_a_secret(text):
        document = plain(document)
    if not isinstance(document, dict) or "v" not in document or "data" not in document:
        return Opened(document)
    if document["v"] != VERSION:
        return None
    return Opened(document["data"], _age(document.get("at"), now), _ttl(document.get("ttl")))


def _age(at: object, now: datetime) -> float | None:
    try:
        written = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        return None
    if written is None:
        return None
    aware = written if written.tzinfo is not None else written.replace(tzinfo=UTC)
    return max(0.0, (now - aware).total_seconds())


def _ttl(ttl: object) -> float | None:
    return float(ttl) if isinstance(ttl, int | float) and not isinstance(ttl, bool) and 0 < ttl < 1e9 else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_READ: Final = json.JSONDecoder(parse_constant=_refuse).decode
"""As `json.loads`, which makes a decoder at each call where it is told what to do with a constant."""
