"""Evidence as a frozen dataclass for each check, and its way to JSON and back.

A kept run holds evidence as JSON that another version may have written, or somebody changed. What is missing there, or
of another type than today's, reads as the field's default; what today's dataclass does not know is passed over. So
every field has a default, and its type is one of those that `_read` knows.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from soundcheck.checks.finding import Evidence, Json

E = TypeVar("E")

SPREAD: Final = {"spread": True}
"""Metadata of a field for facts that several checks share: in JSON they stand among those of the dataclass around."""


def to_json(evidence: object) -> dict[str, Json]:
    """The evidence as JSON. A field that is None is not known, and left out."""
    found: dict[str, Json] = {}
    for one in fields(evidence):  # type: ignore[arg-type]
        value = getattr(evidence, one.name)
        if one.metadata == SPREAD:
            found |= to_json(value)
        elif value is not None:
            found[one.name] = _plain(value)
    return found


def _plain(value: Any) -> Json:
    if is_dataclass(value):
        return to_json(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    plain: Json = value
    return plain


def from_json(kind: type[E], document: Evidence) -> E:
    """The evidence out of a JSON object. Never raises, whatever the object holds."""
    values: dict[str, Any] = {}
    for one, hint in _fields(kind):  # type: ignore[arg-type]
        if one.metadata == SPREAD:
            values[one.name] = from_json(hint, document)
        elif one.name in document:
            values[one.name] = _read(hint, document[one.name], _default(one))
    return kind(**values)


@cache
def _fields(kind: type[Any]) -> tuple[tuple[dataclasses.Field[Any], Any], ...]:
    hints = get_type_hints(kind)
    return tuple((one, hints[one.name]) for one in fields(kind))


def _default(one: dataclasses.Field[Any]) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default


def _read(hint: Any, value: Json, default: Any) -> Any:
    """The value as the type that the field has, `default` where it is no such thing."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:  # only `X | None`
        (hint,) = (one for one in inside if one is not type(None))
        return None if value is None else _read(hint, value, default)
    if origin is tuple:
        return tuple(_items(inside[0], value)) if _is_list(value) else default
    if isinstance(value, Mapping):
        if is_dataclass(hint):
            return from_json(hint, value)  # type: ignore[arg-type]
        return {str(name): item for name, item in value.items() if isinstance(item, str)} if origin else default
    if hint in {int, float} and isinstance(value, int | float) and not isinstance(value, bool):
        return hint(value) if math.isfinite(value) else default
    return value if hint in {str, bool} and isinstance(value, hint) else default


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _items(hint: Any, value: Any) -> list[Any]:
    """Those items of a list that are what the field has; the others are passed over."""
    return [read for item in value if (read := _read(hint, item, None)) is not None]
