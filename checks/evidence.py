"""Evidence as a frozen dataclass per check, to and from JSON.

A stored run keeps its evidence as JSON, which another version may have written or someone may have edited. A field that
is missing or has the wrong type reads as its default, and unknown fields are ignored. So every field needs a default,
and a type that `_read` knows.
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
"""Metadata for a field that holds facts several checks share: in JSON its fields are merged into those around it."""


def to_json(evidence: object) -> dict[str, Json]:
    """The evidence as JSON. A field that is None is unknown, and is left out."""
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
    """Read evidence from a JSON object. Never raises, whatever the object contains."""
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
    """The value if it has the field's type, else `default`."""
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
        return _number(hint, value, default)
    return value if hint in {str, bool} and isinstance(value, hint) else default


def _number(hint: Any, value: int | float, default: Any) -> Any:
    try:
        return hint(value) if math.isfinite(value) else default
    except OverflowError:  # JSON has integers that no float can hold
        return default


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _items(hint: Any, value: Any) -> list[Any]:
    """The items of a list that have the field's type; the others are ignored."""
    return [read for item in value if (read := _read(hint, item, None)) is not None]
