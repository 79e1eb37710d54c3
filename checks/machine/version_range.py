"""Whether a version lies in the range that a requirement names: as much of PEP 440 as our own metadata uses. Pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;()]*)\)?\s*(?:;(.*))?")
_CLAUSE: Final = re.compile(r"(>=|<=|==|!=|<|>|)\s*([0-9][A-Za-z0-9.]*)")
_VERSION: Final = re.compile(r"(\d+(?:\.\d+)*)[._-]?(?:(dev|a|b|rc|post)[._-]?(\d*))?")
_STAGES: Final = {"dev": -4, "a": -3, "b": -2, "rc": -1, None: 0, "post": 1}

_Order: TypeAlias = tuple[tuple[int, ...], int, int]
_COMPARISONS: Final[Mapping[str, Callable[[_Order, _Order], bool]]] = {
    ">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">": operator.gt, "": operator.eq,
}  # fmt: skip


def ranges(requirements: Iterable[str]) -> dict[str, str]:
    """The range of each package, as `>=8.2,<9`, from lines of `Requires-Dist`; not those of extras or without one."""
    found = (_REQUIREMENT.match(line) for line in requirements)
    return {
        match[1]: match[2].replace(" ", "") for match in found if match and match[2] and "extra" not in (match[3] or "")
    }


def is_within(version: str, wanted: str) -> bool:
    """Whether every clause holds. A bare version stands for itself; what cannot be read is not held against anybody."""
    there = _order(version)
    clauses = [(_CLAUSE.fullmatch(clause.strip())) for clause in wanted.split(",")]
    if there is None:
        return True
    for clause in clauses:
        bound = _order(clause[2]) if clause else None
        if clause is None or bound is None:
            continue
        if clause[1] == "<":
            if there[0] >= bound[0]:  # 9.0rc1 is not below 9
                return False
        elif not _COMPARISONS[clause[1]](there, bound):
            return False
    return True


def _order(version: str) -> _Order | None:
    match = _VERSION.fullmatch(version.partition("+")[0])
    if match is None:
        return None
    numbers = [int(part) for part in match[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), _STAGES[match[2]], int(match[3] or 0)
