"""What writing the env file will do, decided before it is done and shown masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import (
    APPLICATION_ONLY,
    DATABASE_URL,
    DIRECT_URL,
    ENV_NAMES,
    REST_TOKEN,
    REST_URL,
    Credentials,
)
from soundcheck.stores.envfile.document import Assignment, Document, Trivia
from soundcheck.stores.envfile.merge import ChangeKind, EnvChange
from soundcheck.stores.envfile.reading import EnvProblem
from soundcheck.stores.envfile.shown import shown_comments, shown_line, shown_value
from soundcheck.stores.held_file import Hold
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.git_facts import GitFacts
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.env.ignore_files import IgnoreLine
from soundcheck.wizard.recognise.placeholders import is_masked_copy, is_placeholder, is_reference

CONNECTION_LIMIT: Final = 100
"""What the plan prescribes for DATABASE_URL, where a pooler or the local stack takes that many."""


class LineKind(StrEnum):
    """What happens to a line of the file."""

    KEEP = "keep"
    ADD = "add"
    CHANGE = "change"
    RENAME = "rename"
    COMMENT_OUT = "comment_out"


SYMBOLS: Final[Mapping[LineKind, str]] = {
    LineKind.KEEP: " ",
    LineKind.ADD: "+",
    LineKind.CHANGE: "~",
    LineKind.RENAME: "~",
    LineKind.COMMENT_OUT: "-",
}


@dataclass(frozen=True, slots=True)
class EnvLine:
    """One line of the difference. `text` and `before` are masked; `before` stands for changed lines only."""

    kind: LineKind
    name: str
    text: str
    before: str = ""
    note: str = ""

    @property
    def symbol(self) -> str:
        """The character in front of it."""
        return SYMBOLS[self.kind]


@dataclass(frozen=True, slots=True)
class EnvPlan:
    """Everything a screen shows before the file is written, and what `write_env` needs to write exactly that.

    `shown` is the path as people say it. `mode` is what the file has now, None where there is no file. `digest` is
    the SHA-256 of the file as it was read. With `problems` nothing can be written.
    """

    path: Path
    shown: str
    lines: tuple[EnvLine, ...] = ()
    problems: tuple[EnvProblem, ...] = ()
    warnings: tuple[EnvProblem, ...] = ()
    exists: bool = False
    mode: int | None = None
    link_target: Path | None = None
    held: Hold | None = None
    """What the file, or the one that the link leads to, says against being replaced."""
    git: GitFacts = field(default_factory=GitFacts)
    ignores: tuple[IgnoreLine, ...] = ()
    replaces: tuple[str, ...] = ()
    """Names whose present value works as far as can be told and points elsewhere: `--replace` is needed."""
    old_readers: tuple[str, ...] = ()
    """Files that still read DATABASE_URL although it was MongoDB's."""
    local: bool = False
    digest: str = ""
    content: Secret | None = None
    """The whole text to write."""
    content_differs: bool = False

    @property
    def changes(self) -> bool:
        """Whether writing would do anything: to the text, or to rights by which others may read it."""
        return self.content_differs or self.tightens

    @property
    def tightens(self) -> bool:
        """Whether the file is readable by others now and will not be."""
        return self.mode is not None and bool(self.mode & 0o077)

    @property
    def mode_after(self) -> int:
        """What it will have: nobody but its owner, who gets no right that was not there."""
        return 0o600 if self.mode is None else self.mode & 0o600

    @property
    def blocked(self) -> bool:
        """Whether nothing can be written until a problem is mended."""
        return bool(self.problems)

    @property
    def standing(self) -> str:
        """`new file · 0600 · ignored by git ✓`: the file's rights before and after, and what git makes of it."""
        after = f"{self.mode_after:04o}"
        mode = f"{self.mode:04o} → {after}" if self.mode is not None and self.tightens else after
        parts = [mode] if self.exists else ["new file", mode]
        if self.git.tracked:
            parts.append("✗ TRACKED BY GIT")
        elif self.git.ignored:
            parts.append("ignored by git ✓")
        elif self.git.repository is None:
            parts.append("no git here")
        else:
            parts.append("! not ignored by git" if self.git.ignored is False else "git does not answer")
        return " · ".join(parts)


def values_to_write(credentials: Credentials, *, local: bool, connection_limit: int) -> dict[str, Secret]:
    """The variables with the parameters the plan prescribes; a parameter that stands already is left as it is.

    Remote URLs get `sslmode=require`. DATABASE_URL gets `connection_limit` where it goes through a pooler or to the
    local stack: straight to another server, 100 connections may be more than it gives, and Prisma chooses for itself.
    """
    prepared = credentials
    if (url := credentials.database_url) is not None:
        wanted = {} if local or url.is_loopback else {"sslmode": "require"}
        if local or url.is_pooled:
            wanted["connection_limit"] = str(connection_limit)
        prepared = replace(prepared, database_url=_with_missing(url, wanted))
    if (direct := credentials.direct) is not None:
        wanted = {} if local or direct.is_loopback else {"sslmode": "require"}
        if credentials.direct_url is None:
            direct = direct.with_params(dict.fromkeys(APPLICATION_ONLY))
        prepared = replace(prepared, direct_url=_with_missing(direct, wanted))
    return prepared.as_env()


def _with_missing(url: PostgresUrl, params: Mapping[str, str]) -> PostgresUrl:
    """Add only what is not there, so that a parameter of the user's is neither changed nor doubled."""
    return url.with_params({k: v for k, v in params.items() if url.param(k) is None})


def difference(before: Document, changes: tuple[EnvChange, ...]) -> tuple[EnvLine, ...]:
    """The lines as they will stand, their values masked: those of the file in their order, then the new ones."""
    by_line = {change.line: change for change in changes if change.line is not None}
    lines: list[EnvLine] = []
    for statement in before.statements:
        if isinstance(statement, Trivia):
            lines += [EnvLine(LineKind.KEEP, "", text) for text in shown_comments(statement.text)]
            continue
        lines += [EnvLine(LineKind.KEEP, "", text) for text in shown_comments(statement.lead)]
        change = by_line.get(statement.line)
        if change is None:
            lines.append(EnvLine(LineKind.KEEP, statement.name, shown_line(statement)))
        else:
            lines.append(_changed(change, statement))
    lines += [_changed(change, None) for change in changes if change.line is None]
    return tuple(lines)


def _changed(change: EnvChange, line: Assignment | None) -> EnvLine:
    old = change.old.reveal() if change.old else None
    new = change.new.reveal() if change.new else None
    match change.kind:
        case ChangeKind.ADD:
            return EnvLine(LineKind.ADD, change.name, _shown(change.name, new), note=_added(change.name, "", new))
        case ChangeKind.CHANGE:
            before = shown_line(line) if line is not None else _shown(change.name, old)
            text = shown_line(line, new) if line is not None else _shown(change.name, new)
            looks_the_same = _shown(change.name, old) == _shown(change.name, new)
            note = _unseen(change.name, old, new) if looks_the_same else _added(change.name, old, new)
            return EnvLine(LineKind.CHANGE, change.name, text, before, note)
        case ChangeKind.RENAME:
            text = f"{change.was} → {_shown(change.name, new)}"
            return EnvLine(LineKind.RENAME, change.name, text, _shown(change.was, old), "kept under its new name")
        case ChangeKind.COMMENT_OUT:
            shown = shown_line(line) if line is not None else _shown(change.name, old)
            return EnvLine(LineKind.COMMENT_OUT, change.name, f"# {shown}", shown, change.reason)


def _added(name: str, old: str | None, new: str | None) -> str:
    """Why `connection_limit` comes into an address."""
    if name != DATABASE_URL:
        return ""
    try:
        before = PostgresUrl.parse(old).param("connection_limit") if old else None
        limit = PostgresUrl.parse(new or "").param("connection_limit")
    except UrlProblem:
        return ""
    if limit is None or before is not None:
        return ""
    return f"connection_limit={limit}: that many connections the backend's pool may open, which this server takes"


def _unseen(name: str, old: str | None, new: str | None) -> str:
    """What a change is whose two lines look the same."""
    if name in {DATABASE_URL, DIRECT_URL} and old and new:
        try:
            if PostgresUrl.parse(old) == PostgresUrl.parse(new):
                return "the same address, written in full"
        except UrlProblem:
            pass
    return "only the hidden part differs"


def _shown(name: str, value: str | None) -> str:
    return name if value is None else f'{name}="{shown_value(name, Secret(value))}"'


def replaced(changes: tuple[EnvChange, ...], before: Document, after: Document) -> tuple[str, ...]:
    """The names of ours whose present value is neither empty nor a stand-in, and points to something else.

    A local cache that moved to another port is the same cache, so its new token replaces nothing either.
    """
    same_cache = _is_local_cache(before) and _is_local_cache(after)
    return tuple(
        c.name
        for c in changes
        if c.kind is ChangeKind.CHANGE and c.name in ENV_NAMES and c.old and c.new
        if not (same_cache and c.name in {REST_URL, REST_TOKEN}) and _differs(c.name, c.old, c.new)
    )


def _is_local_cache(document: Document) -> bool:
    assignment = document.last(REST_URL)
    try:
        return assignment is not None and RestUrl.parse(assignment.value or "").is_loopback
    except UrlProblem:
        return False


def _differs(name: str, old: Secret, new: Secret) -> bool:
    text = old.reveal().strip()
    if is_placeholder(text) or is_masked_copy(text) or is_reference(text):
        return False
    if name not in {DATABASE_URL, DIRECT_URL}:
        return True
    try:
        was, now = PostgresUrl.parse(text), PostgresUrl.parse(new.reveal())
    except UrlProblem:
        return False  # nothing could connect with it
    if was.password is not None and (is_placeholder(was.password.reveal()) or is_masked_copy(was.password.reveal())):
        return False
    return _place(was) != _place(now)


def _place(url: PostgresUrl) -> tuple[object, ...]:
    """Where a URL leads and as whom: parameters and the pooler make no other place of it.

    On this machine user and database say which one it is: the local stack changes its port, and `reset` its password.
    """
    if url.is_loopback:
        return "", url.user, url.database
    direct = url.direct()
    return direct.host, direct.port or 5432, direct.user, direct.password, direct.database
