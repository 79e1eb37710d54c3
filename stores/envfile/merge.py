"""Put values into a `.env` document: in place where the name stands, at the end where it does not.

Pure. The result is read again by both readers before it is handed back, so a text that they would take apart
differently is a refusal, never a surprise.

Write a value so that both readers get exactly it back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from soundcheck.stores.envfile.document import Assignment, Document, LineProblem, Statement, Trivia, parse
from soundcheck.stores.envfile.readers import node_raw_values, node_values, python_raw_values, python_values
from soundcheck.stores.secret import Secret


def quoted(value: str, preferred: str = '"') -> str | None:
    """The value as it stands after `NAME=`, in the preferred quotes where they do; None where no way is read alike.

    A value with `${` has none: python-dotenv expands it in every kind of quotes and has no escape for it.
    """
    if "\n" in value or "\r" in value or "\0" in value:
        return None
    for quote in dict.fromkeys((preferred, '"', "'", "")):
        raw = f"{quote}{value}{quote}"
        line = f"NAME={raw}\n"
        if python_values(line) == {"NAME": value} == node_values(line):
            return raw
    return None


HEADER_MARK: Final = "# Soundcheck: "
"""How a comment of ours starts; one such line stands above what was added."""

_HEADER_LINE: Final = re.compile(rf"^[^\S\r\n]*{re.escape(HEADER_MARK)}[^\r\n]*", re.MULTILINE)


class ChangeKind(StrEnum):
    """What happens to a line."""

    ADD = "add"
    CHANGE = "change"
    RENAME = "rename"
    COMMENT_OUT = "comment_out"


@dataclass(frozen=True, slots=True)
class EnvChange:
    """One line that will differ. `line` is where it stands now, None for a new one; `was` is the name before."""

    kind: ChangeKind
    name: str
    line: int | None = None
    was: str = ""
    old: Secret | None = None
    new: Secret | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """The document after the merge and what changed; with `problems` nothing may be written."""

    document: Document
    changes: tuple[EnvChange, ...] = ()
    problems: tuple[LineProblem, ...] = ()
    followers: tuple[str, ...] = field(default=())
    """Names whose values refer to a changed one by `${}` and so change with it."""


def merge(
    document: Document,
    values: Mapping[str, Secret],
    *,
    header: str = "",
    insist_header: bool = False,
    renames: Mapping[str, str] | None = None,
) -> Merged:
    """Set every name in `values`, in their order.

    A name that stands already keeps its place, `export`, quotes, trailing comment and line ending; where it stands
    several times the last one counts to both readers, so that one is set and the others become comments. New names
    go to the end under `header` (text after `HEADER_MARK`). `insist_header` puts it above names that stood already.
    `renames` (old → new name) moves the value that counts under the other name first, unless that name is taken; then
    the old line becomes a comment.
    """
    if document.problems:
        return Merged(document, problems=document.problems)
    statements = list(document.statements)
    changes: list[EnvChange] = []
    for old, new in (renames or {}).items():
        _rename(statements, old, new, changes)
    added: list[str] = []
    for name, secret in values.items():
        problem = _set(statements, name, secret, changes)
        if problem is not None:
            return Merged(document, problems=(problem,))
        if not any(isinstance(s, Assignment) and s.name == name for s in statements):
            added.append(name)
    newline = document.newline
    if header:
        _place_header(statements, set(values) if insist_header else set(), header, newline, adds=bool(added))
    _append(statements, {name: values[name] for name in added}, newline, changes)
    result = parse(replace(document, statements=tuple(statements)).render())
    problems = _proof(document, result, values, renames or {})
    if problems:
        return Merged(document, problems=problems)
    return Merged(result, tuple(changes), followers=_followers(result, changes))


def _rename(statements: list[Statement], old: str, new: str, changes: list[EnvChange]) -> None:
    places = [i for i, s in enumerate(statements) if isinstance(s, Assignment) and s.name == old]
    if not places:
        return
    at = places[-1]
    line = statements[at]
    assert isinstance(line, Assignment)  # noqa: S101 - `places` holds nothing else
    taken = any(isinstance(s, Assignment) and s.name == new for s in statements)
    value = Secret(line.value or "")
    if taken:
        statements[at] = line.commented_out()
        reason = f"{new} stands already; this line is kept as a comment"
        changes.append(EnvChange(ChangeKind.COMMENT_OUT, old, line.line, old=value, reason=reason))
    else:
        statements[at] = line.renamed(new)
        changes.append(EnvChange(ChangeKind.RENAME, new, line.line, was=old, old=value, new=value))


def _set(statements: list[Statement], name: str, secret: Secret, changes: list[EnvChange]) -> LineProblem | None:
    """Set the last assignment of `name` and comment out the others. Where there is none, only check the value."""
    value = secret.reveal()
    places = [i for i, s in enumerate(statements) if isinstance(s, Assignment) and s.name == name]
    last = statements[places[-1]] if places else None
    preferred = last.quote or '"' if isinstance(last, Assignment) else '"'
    raw = quoted(value, preferred)
    if raw is None:
        return LineProblem(last.line if last else 0, f"the value of {name} holds characters that no reader takes alike")
    for at in places[:-1]:
        earlier = statements[at]
        if isinstance(earlier, Assignment):
            statements[at] = earlier.commented_out()
            reason = (
                f"line {earlier.line} goes: line {last.line if last else 0} sets the same name, and that one counts"
            )
            old = Secret(earlier.value or "")
            changes.append(EnvChange(ChangeKind.COMMENT_OUT, name, earlier.line, old=old, reason=reason))
    if isinstance(last, Assignment):
        line = last.render()
        if python_values(line) == {name: value} == node_values(line):
            return None
        statements[places[-1]] = last.with_raw(raw)
        changes.append(EnvChange(ChangeKind.CHANGE, name, last.line, old=Secret(last.value or ""), new=secret))
    return None


def _place_header(statements: list[Statement], names: set[str], header: str, newline: str, *, adds: bool) -> None:
    """Let exactly one comment of ours say what the lines below it are, replacing an earlier one of ours.

    It stands above the first of `names`, else (where something is added) at the end.
    """
    line = HEADER_MARK + header
    for at, statement in enumerate(statements):
        if isinstance(statement, Trivia) and _HEADER_LINE.search(statement.text):
            statements[at] = replace(statement, text=_HEADER_LINE.sub(lambda _: line, statement.text, count=1))
            return
    for at, statement in enumerate(statements):
        if isinstance(statement, Assignment) and statement.name in names:
            statements[at] = replace(statement, lead="")
            statements.insert(at, Trivia(statement.line, f"{statement.lead}{line}{newline}"))
            return
    if not adds:
        return
    gap = _closing(statements, newline) + (newline if statements else "")
    statements.append(Trivia(0, f"{gap}{line}{newline}"))


def _append(statements: list[Statement], values: Mapping[str, Secret], newline: str, changes: list[EnvChange]) -> None:
    if not values:
        return
    lead = _closing(statements, newline)
    for name, secret in values.items():
        raw = quoted(secret.reveal()) or ""
        statements.append(Assignment(0, name, lead, "", name, "=", raw, "", newline, secret.reveal()))
        changes.append(EnvChange(ChangeKind.ADD, name, new=secret))
        lead = ""


def _closing(statements: list[Statement], newline: str) -> str:
    """What is needed for the next line to be one of its own."""
    text = "".join(s.render() for s in statements[-1:])
    return "" if not text or text.endswith(("\n", "\r")) else newline


def _proof(
    before: Document, after: Document, values: Mapping[str, Secret], renames: Mapping[str, str]
) -> tuple[LineProblem, ...]:
    """Read the result with both readers: what was set is there, what was not is as it was."""
    if after.problems:
        return after.problems
    old, new = before.render(), after.render()
    moved = set(values) | set(renames) | set(renames.values())
    for read in (python_raw_values, node_raw_values):
        was, now = read(old), read(new)
        for name in was.keys() | now.keys():
            if name not in moved and was.get(name) != now.get(name):
                line = before.last(name)
                return (LineProblem(line.line if line else 0, f"{name} would be read differently afterwards"),)
    for read_all in (python_values, node_values):
        now = read_all(new)
        for name, secret in values.items():
            if now.get(name) != secret.reveal():
                found = before.last(name)
                return (LineProblem(found.line if found else 0, f"{name} would not be read as it is written"),)
    return ()


def _followers(document: Document, changes: list[EnvChange]) -> tuple[str, ...]:
    touched = {c.name for c in changes} | {c.was for c in changes if c.was}
    reference = re.compile(r"\$\{([^}:]*)")
    found = [a.name for a in document.assignments() if touched & set(reference.findall(a.value or "")) - {a.name}]
    return tuple(dict.fromkeys(found))
