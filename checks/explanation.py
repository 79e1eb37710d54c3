"""What a judgement means to a person: a row of a table, whose templates the judgement's fields fill in.

A judge returns a code and fields; the table of its area has the sentences. Everything a check can say is therefore in
one place, where it can be listed, compared and reworded.

A template names a field in braces. The format of a list is its separator (`{names: and }`) and how many items to show
(`{names:; |4}`). A number can choose a word (`{count:is/are}`), part of a text can be replaced (`{hint:this→that}`);
anything else is Python's own format. A hint can also name something to do: `{paste}`, `{run:doctor --only cache}`,
`{press:again}`.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from soundcheck.checks.advice import Advice, Do
from soundcheck.checks.finding import Blame, Finding, Fix, Status

FieldValue: TypeAlias = "str | int | float | Judgement | tuple[str, ...] | tuple[Judgement, ...]"
"""What can fill in a field. A judgement reads as the summary of its own row."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One row: what a code means. `because` says why a check was skipped.

    Where a judgement is about another failure, `{failure.summary}` is that failure's summary, and an empty `cause`,
    `hint`, `link` or `blame` is taken from it.
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
    """A row for part of a sentence, used inside other rows."""
    return Explanation(words, status=Status.OK)


def not_asked(summary: str, because: str) -> Explanation:
    """A row for a check that does not apply here, with the reason."""
    return Explanation(summary, status=Status.SKIP, because=because)


def warning(
    summary: str, cause: str, blame: Blame, hint: str, link: str = "", fixes: tuple[Fix, ...] = ()
) -> Explanation:
    """A row for something that works but needs attention."""
    return Explanation(summary, cause, blame, hint, link, fixes, Status.WARN)


def undecided(summary: str, cause: str, hint: str) -> Explanation:
    """A row for an answer we do not understand: `cause` says what was tried, `hint` where to look."""
    return Explanation(summary, cause, Blame.US, hint, status=Status.UNKNOWN)


def joined(*tables: Explanations) -> dict[str, Explanation]:
    """Merge tables. Raises `ValueError` if two of them use the same code."""
    rows: dict[str, Explanation] = {}
    for table in tables:
        if twice := rows.keys() & table.keys():
            raise ValueError(f"two rows for {min(twice)}")
        rows |= table
    return rows


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge found: the code of a row, and the fields that fill it in. `fixes` replace the row's unless None.

    `failure` is the judgement that this one is about, from the same table.
    """

    code: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    fixes: tuple[Fix, ...] | None = None
    failure: Judgement | None = None


def said(
    code: str, /, *, fixes: tuple[Fix, ...] | None = None, failure: Judgement | None = None, **fields: FieldValue
) -> Judgement:
    """A judgement with these fields."""
    return Judgement(code, fields, fixes, failure)


DEEDS: Final[Mapping[str, Callable[[str], Do]]] = {
    "run": Do.RUN,
    "press": Do.PRESS,
    "paste": lambda _: Do.PASTE,
}
"""Names in a hint's template that mean something to do."""


class _Filling(string.Formatter):
    """Fills in templates as the module's docstring describes."""

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
    """The finding for a judgement, in its row's words. Raises `KeyError` for an unknown code or a missing field."""
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
        advice=_advice(row.hint, fields) or (about.advice if about else ()),
        fixes=row.fixes if judgement.fixes is None else judgement.fixes,
        link=filled(row.link) or (about.link if about else ""),
        skipped_because=filled(row.because),
    )


def _advice(template: str, fields: Mapping[str, object]) -> Advice:
    """The hint in parts, with its fields filled in."""
    parts: list[str | Do] = []
    for words, name, form, _ in string.Formatter().parse(template):
        parts.append(words)
        if name is None:
            continue
        if name in DEEDS:
            parts.append(DEEDS[name](_FILLING.vformat(form or "", (), fields)))
        elif name == "failure.hint":
            parts += [
                _FILLING.format_field(one, form or "") if isinstance(one, str) else one for one in _of_failure(fields)
            ]
        else:
            parts.append(_FILLING.vformat(f"{{{name}:{form}}}" if form else f"{{{name}}}", (), fields))
    return tuple(part for part in parts if part != "")


def _of_failure(fields: Mapping[str, object]) -> Advice:
    failure = fields["failure"]
    return failure.advice if isinstance(failure, Finding) else ()


def _in_words(rows: Explanations, value: FieldValue) -> object:
    if isinstance(value, Judgement):
        return word(rows, value).summary
    if isinstance(value, tuple):
        return tuple(_in_words(rows, item) for item in value)
    return value
