"""What a failure code means to a person: a template filled from the evidence. The texts are ours, the values are not.

A template names fields of the evidence as `{host}`; a missing one reads as "?".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from soundcheck.checks.finding import Blame, Evidence, Finding, fail


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code's finding, before the values are filled in."""

    summary: str
    cause: str
    blame: Blame
    hint: str
    link: str = ""


class _Fields(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


def explain(table: Mapping[str, Explanation], code: str, evidence: Evidence, otherwise: Explanation) -> Finding:
    """The failed finding for a code, `otherwise` for one that the table does not know."""
    found = table.get(code, otherwise)
    fields = _Fields({name: "?" if value in (None, "") else value for name, value in evidence.items()})
    return fail(
        found.summary.format_map(fields),
        cause=found.cause.format_map(fields),
        blame=found.blame,
        hint=found.hint.format_map(fields),
        link=found.link,
    )
