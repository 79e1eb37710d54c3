"""A server's refusal of a typed value, as the fault of the value: what was typed, and what the column takes. Pure."""

from __future__ import annotations

from typing import Final

from stores.database_problem import DatabaseProblem, Trouble
from stores.errors import SoundcheckError, UsageError
from stores.place import FIRST, Place, Where
from stores.table_view import TableView
from stores.typed_value import expected

_NOT_COMPARABLE: Final = frozenset({"42883", "42804", "42846", "0A000"})
_SYNTAX: Final = "42601"


def explained(problem: DatabaseProblem, view: TableView, place: Place = FIRST) -> SoundcheckError:
    """The problem itself, or `UsageError` where a typed value or comparison is its cause."""
    typed = place.where is Where.AT
    if not view.filters and not typed:
        return problem
    if problem.trouble is not Trouble.VALUE and problem.sqlstate not in {*_NOT_COMPARABLE, _SYNTAX}:
        return problem
    said = "; ".join(map(str, view.filters)) or "the value to begin at"
    names = dict.fromkeys(
        [*(one.column for one in view.filters), *((view.sort[0].name,) if typed and view.sort else ())]
    )
    takes = "; ".join(f"{name} takes {expected(view.table.column(name))}" for name in names)
    return UsageError(f"{problem.message} Conditions: {said}.", f"{takes}.")
