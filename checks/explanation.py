"""What a judgement means to a person: a row of a table, with templates that the judgement's fields fill in.

A judge returns a code and fields; the table of its area has the sentences. So all that a check may say stands in one
place, where it can be listed, compared and reworded.

A template names a field in braces. A list is written with what stands between its items (`{names: and }`) and how many
are named at most (`{names:; |4}`); a number may choose a word (`{count:is/are}`); of a text one part may be replaced
(`{hint:this→that}`); anything else is Python's own format.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from soundcheck.checks.finding import Blame, Finding, Fix, Status

FieldValue: TypeAlias = "str | int | float | Judgement | tuple[str, ...] | tuple[Judgement, ...]"
"""What fills in a field. A judgement among the fields reads as the summary of its own row in the table."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One row: what a code means. `because` is why a check was not asked.

    In a row for a judgement about another check's failure, `{failure.summary}` is what that one says, and a `cause`,
    `hint`, `link` or `blame` that is empty is that one's.
    """

    summary: str
    cause: str = ""
    blame: Blame | None = None
    hint: str = ""
    link: str = ""
    fixes: tuple[Fix, ...] = ()
    status: Status = Status.FAIL
    because: str = ""


Explanations: TypeAlias = Mapping[str, Explanation]
"""A table: rows by their code."""


def holds(summary: str) -> Explanation:
    """A row for a fact that holds."""
    return Explanation(summary, status=Status.OK)


def phrase(words: str) -> Explanation:
    """A row for words that stand inside the sentences of other rows."""
    return Explanation(words, status=Status.OK)


def not_asked(summary: str, because: str) -> Explanation:
    """A row for a question that makes no sense here, with the reason."""
    return Explanation(summary, status=Status.SKIP, because=because)


def warning(
    summary: str, cause: str, blame: Blame, hint: str, link: str = "", fixes: tuple[Fix, ...] = ()
) -> Explanation:
    """A row for what works, and should be looked at."""
    return Explanation(summary, cause, blame, hint, link, fixes, Status.WARN)


def undecided(summary: str, cause: str, hint: str) -> Explanation:
    """A row for an answer that fits nothing we know: `cause` says what was tried, `hint` where to look."""
    return Explanation(summary, cause, Blame.US, hint, status=Status.UNKNOWN)


def joined(*tables: Explanations) -> dict[str, Explanation]:
    """One table of several. Raises `ValueError` where two of them use the same code."""
    rows: dict[str, Explanation] = {}
    for table in tables:
        if twice := rows.keys() & table.keys():
            raise ValueError(f"two rows for {min(twice)}")
        rows |= table
    return rows


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge found: the code of a row, and what fills it in. `fixes` replace the row's where they are set.

    `failure` is the judgement that this one is about, in the same table.
    """

    code: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    fixes: tuple[Fix, ...] | None = None
    failure: Judgement | None = None


def said(
    code: str, /, *, fixes: tuple[Fix, ...] | None = None, failure: Judgement | None = None, **fields: FieldValue
) -> Judgement:
    """The judgement with these fields."""
    return Judgement(code, fields, fixes, failure)


class _Filling(string.Formatter):
    """Templates as the module's head describes them."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        if isinstance(value, tuple):
            between, _, most = format_spec.partition("|")
            return _listed(value, between or ", ", int(most) if most else len(value))
        if isinstance(value, int) and "/" in format_spec:
            one, many = format_spec.split("/")
            return one if value == 1 else many
        if isinstance(value, str) and "→" in format_spec:
            this, _, that = format_spec.partition("→")
            return value.replace(this, that)
        return super().format_field(value, format_spec)


_FILLING: Final = _Filling()


def _listed(names: tuple[str, ...], between: str, most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return between.join(names[:most]) + more


def word(rows: Explanations, judgement: Judgement) -> Finding:
    """The finding of a judgement, in the words of its row. Raises `KeyError` for a code or a field that is missing."""
    row = rows[judgement.code]
    fields: dict[str, object] = {name: _in_words(rows, value) for name, value in judgement.fields.items()}
    about = word(rows, judgement.failure) if judgement.failure is not None else None
    if about is not None:
        fields["failure"] = about

    def filled(template: str) -> str:
        return _FILLING.vformat(template, (), fields)

    return Finding(
        status=row.status,
        summary=filled(row.summary),
        cause=filled(row.cause) or (about.cause if about else ""),
        blame=row.blame or (about.blame if about else None),
        hint=filled(row.hint) or (about.hint if about else ""),
        fixes=row.fixes if judgement.fixes is None else judgement.fixes,
        link=filled(row.link) or (about.link if about else ""),
        skipped_because=filled(row.because),
    )


def _in_words(rows: Explanations, value: FieldValue) -> object:
    if isinstance(value, Judgement):
        return word(rows, value).summary
    if isinstance(value, tuple):
        return tuple(_in_words(rows, item) for item in value)
    return value
