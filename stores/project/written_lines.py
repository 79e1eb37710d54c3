"""The lines that a write of ours put into a file, noted so that they can be taken out of what it has become since.

Pure. A line is noted by a hash: an env file's lines hold secrets. Line endings are left out of the comparison, so that
a file which was converted meanwhile still has its lines.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

_NAME: Final = re.compile(rb"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=")
_LINE: Final = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_BLANK: Final = ""


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line of ours. `digest` is "" for a blank one; `name` is the variable that it sets, else ""."""

    digest: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines `first` to `last` (without it, from 0) of the file before, which `lines` stand in place of."""

    first: int
    last: int
    lines: tuple[WrittenLine, ...]


@dataclass(frozen=True, slots=True)
class TakenOut:
    """The content without our lines; `edited` are the names of those that somebody changed since, and they stay."""

    content: bytes
    edited: tuple[str, ...] = ()


def hunks_between(before: bytes, after: bytes) -> tuple[Hunk, ...]:
    """What a write changes, line by line: a line that sets the same variable stands in the place of the other."""
    old, new = _bare(before), _bare(after)
    hunks: list[Hunk] = []
    for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            hunks += _paired(
                [_noted(line) for line in old[first:last]], [_noted(line) for line in new[start:end]], first
            )
    return tuple(hunks)


def _paired(old: list[WrittenLine], new: list[WrittenLine], first: int) -> list[Hunk]:
    """One hunk for each line that stands in the place of another, one for each run of lines that are only new."""
    partner: dict[int, int] = {}  # of a new line: the old one
    for at, line in enumerate(old):
        same = [n for n, other in enumerate(new) if n not in partner and line.name and other.name == line.name]
        if same:
            partner[same[0]] = at
    for at in set(range(len(old))) - set(partner.values()):  # renamed, or made a comment
        if at < len(new) and at not in partner and new[at].digest != _BLANK:
            partner[at] = at
    hunks: list[Hunk] = []
    run: list[WrittenLine] = []
    for number, line in enumerate(new):
        if number in partner:
            hunks += [Hunk(first, first, tuple(run))] if run else []
            run = []
            at = first + partner[number]
            hunks.append(Hunk(at, at + 1, (line,)))
        else:
            run.append(line)
    return [*hunks, Hunk(first + len(old), first + len(old), tuple(run))] if run else hunks


def swapped_lines(before: bytes, after: bytes) -> dict[str, str]:
    """The digest of each line that a write put in the place of one other, and that other's digest."""
    old, new = _bare(before), _bare(after)
    pairs: dict[str, str] = {}
    for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "replace" and last - first == end - start:
            for was, now in zip(old[first:last], new[start:end], strict=True):
                pairs[_noted(now).digest] = _noted(was).digest
    return pairs


def take_out(
    current: bytes,
    before: bytes,
    hunks: tuple[Hunk, ...],
    *,
    edited_too: bool = False,
    swapped: Mapping[str, str] | None = None,
) -> TakenOut:
    """Undo the hunks in a file that has changed since: each line that is still as it was written goes.

    Where it stood in place of another, that one comes back. `edited_too` takes a variable's line as ours whatever its
    value has become. `swapped` says which lines stand for which since a credential was replaced.
    """
    there = _LINE.findall(current)
    old = _LINE.findall(before)
    state: list[list[bytes] | None] = [[line] for line in there]
    notes = [_followed(_noted(line.rstrip(b"\r\n")), swapped or {}) for line in there]
    edited: list[str] = []
    for hunk in hunks:
        claimed = [_find(notes, state, line, edited_too=edited_too) for line in hunk.lines]
        for at, index in enumerate(claimed):
            if index is not None:
                state[index] = None
            elif hunk.lines[at].name and any(
                note.name == hunk.lines[at].name and kept is not None for note, kept in zip(notes, state, strict=True)
            ):
                edited.append(hunk.lines[at].name)
        _claim_blanks(hunk, claimed, notes, state)
        back = old[hunk.first : hunk.last]
        if back and (found := [index for index in claimed if index is not None]):
            state[found[0]] = [_ended_like(there[found[0]], line) for line in back]
    content = b"".join(line for kept in state if kept is not None for line in kept)
    return TakenOut(content, tuple(dict.fromkeys(edited)))


def _find(
    notes: list[WrittenLine], state: list[list[bytes] | None], line: WrittenLine, *, edited_too: bool
) -> int | None:
    if line.digest == _BLANK:
        return None
    free = [index for index, kept in enumerate(state) if kept is not None]
    same = [index for index in free if notes[index].digest == line.digest]
    if not same and edited_too and line.name:
        same = [index for index in free if notes[index].name == line.name]
    return same[-1] if same else None


def _claim_blanks(
    hunk: Hunk, claimed: list[int | None], notes: list[WrittenLine], state: list[list[bytes] | None]
) -> None:
    """A blank line is ours where it still stands beside a line of ours."""
    order = [*reversed(range(len(hunk.lines))), *range(len(hunk.lines))]
    for at in order:
        if hunk.lines[at].digest != _BLANK or claimed[at] is not None:
            continue
        for beside, step in ((at + 1, -1), (at - 1, 1)):
            index = claimed[beside] if 0 <= beside < len(claimed) else None
            place = -1 if index is None else index + step
            if 0 <= place < len(notes) and notes[place].digest == _BLANK and state[place] is not None:
                state[place] = None
                claimed[at] = place
                break


def _followed(line: WrittenLine, swapped: Mapping[str, str]) -> WrittenLine:
    """The line as it was first written: a credential may have been replaced several times."""
    digest = line.digest
    for _ in range(len(swapped)):
        if digest not in swapped:
            break
        digest = swapped[digest]
    return replace(line, digest=digest)


def _ended_like(written: bytes, line: bytes) -> bytes:
    return line if line.endswith((b"\n", b"\r")) else line + written[len(written.rstrip(b"\r\n")) :]


def _bare(data: bytes) -> list[bytes]:
    return [line.rstrip(b"\r\n") for line in _LINE.findall(data)]


def _noted(line: bytes) -> WrittenLine:
    if not line.strip():
        return WrittenLine(_BLANK)
    name = _NAME.match(line)
    digest = hashlib.sha256(b"soundcheck\0" + line).hexdigest()[:16]
    return WrittenLine(digest, name[1].decode("ascii") if name else "")
