"""A `.env` text as statements that together give back the same bytes.

The grammar is python-dotenv's (its own tokeniser decides where a statement ends), because the Python backend is the
first reader; `readers.py` says what Node reads from the same text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

BOM: Final = "\ufeff"

_EXPORT: Final = re.compile(r"export[^\S\r\n]+")
_KEY: Final = re.compile(r"'[^']+'|[^=\#\s]+")
_EQUALS: Final = re.compile(r"[^\S\r\n]*=[^\S\r\n]*")
_QUOTED: Final = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""", re.DOTALL)
_END: Final = re.compile(r"(?:\r\n|\n|\r)?\Z")
_LEAD: Final = re.compile(r"\s*")
_INLINE_COMMENT: Final = re.compile(r"\s+#.*")


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line that python-dotenv cannot read; `reason` never echoes it."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Trivia:
    """Comments and blank lines, as they stand."""

    line: int
    text: str = field(repr=False)

    def render(self) -> str:
        """The text itself."""
        return self.text


@dataclass(frozen=True, slots=True)
class Assignment:
    """One `NAME=value`, split so that the pieces in order give the text back.

    `raw` is the value with its quotes; `value` what python-dotenv makes of it before `${}` expansion, None where no
    `=` stands. `lead` may hold blank lines, `tail` a trailing comment, `end` the line ending ("" at the end of file).
    """

    line: int
    name: str
    lead: str = field(repr=False)
    export: str = field(repr=False)
    key: str = field(repr=False)
    equals: str = field(repr=False)
    raw: str = field(repr=False)
    tail: str = field(repr=False)
    end: str = field(repr=False)
    value: str | None = field(repr=False)

    def render(self) -> str:
        """The statement's text."""
        return f"{self.lead}{self.export}{self.key}{self.equals}{self.raw}{self.tail}{self.end}"

    @property
    def quote(self) -> str:
        """The quote character the value stands in, "" where it stands in none."""
        return self.raw[0] if self.raw[:1] in {"'", '"'} and len(self.raw) > 1 else ""

    def with_raw(self, raw: str) -> Assignment:
        """The same line with another value; the comment after it, `export` and the line ending stay."""
        return replace(self, raw=raw, equals=self.equals or "=")

    def renamed(self, name: str) -> Assignment:
        """The same line under another name."""
        return replace(self, name=name, key=name)

    def commented_out(self) -> Trivia:
        """The statement as a comment, each line of a multi-line value included."""
        body = self.render()[len(self.lead) :].removesuffix(self.end)
        lines = "".join("# " + line for line in _split_lines(body))
        return Trivia(self.line, f"{self.lead}{lines}{self.end}")


Statement = Trivia | Assignment


@dataclass(frozen=True, slots=True)
class Document:
    """Statements in their order; `problems` are the lines that could not be read, and their text is kept too."""

    statements: tuple[Statement, ...] = ()
    bom: bool = False
    problems: tuple[LineProblem, ...] = ()

    def render(self) -> str:
        """The whole text, byte for byte what was parsed as long as nothing was changed."""
        return (BOM if self.bom else "") + "".join(s.render() for s in self.statements)

    def assignments(self, name: str | None = None) -> Iterator[Assignment]:
        """Every assignment, or those of one name, in order; the last of a name is the one both readers take."""
        for statement in self.statements:
            if isinstance(statement, Assignment) and name in {None, statement.name}:
                yield statement

    def last(self, name: str) -> Assignment | None:
        """The assignment of `name` that counts."""
        found = None
        for found in self.assignments(name):  # noqa: B007 - the last one is wanted
            pass
        return found

    @property
    def newline(self) -> str:
        """The line ending that most lines have; LF where there is none."""
        text = self.render()
        crlf = text.count("\r\n")
        return "\r\n" if crlf * 2 > text.count("\n") else "\n"


def parse(text: str) -> Document:
    """Split a text into statements. Never raises: unreadable lines are in `Document.problems`."""
    from dotenv.parser import parse_stream

    bom = text.startswith(BOM)
    statements: list[Statement] = []
    problems: list[LineProblem] = []
    # newline="" keeps every line ending as it is; a second BOM is text.
    body = text[1:] if bom else text
    for binding in parse_stream(io.StringIO((BOM if body.startswith(BOM) else "") + body, newline="")):
        original = binding.original.string
        lead = _match(_LEAD, original)
        line = binding.original.line + _count_lines(lead)
        if binding.error:
            problems.append(LineProblem(line, _reason(original[len(lead) :])))
        if "\0" in original:
            problems.append(LineProblem(line, "it holds a NUL character, which no environment can carry"))
        if binding.error or binding.key is None:
            statements.append(Trivia(line, original))
        else:
            statements.append(_assignment(original, lead, line, binding.key, binding.value))
    return Document(tuple(statements), bom, tuple(problems))


def _assignment(original: str, lead: str, line: int, name: str, value: str | None) -> Assignment:
    rest = original[len(lead) :]
    end = _END.search(rest)
    line_end = end.group() if end else ""
    rest = rest[: len(rest) - len(line_end)]
    export = _match(_EXPORT, rest)
    rest = rest[len(export) :]
    key = _match(_KEY, rest)
    rest = rest[len(key) :]
    equals = _match(_EQUALS, rest)
    rest = rest[len(equals) :]
    raw = _raw_value(rest, spaced=not equals.endswith("=")) if equals else ""
    return Assignment(line, name, lead, export, key, equals, raw, rest[len(raw) :], line_end, value)


def _raw_value(rest: str, *, spaced: bool) -> str:
    """The part of the line that is the value: quoted up to its quote, else up to white space and `#`."""
    if rest[:1] in {"'", '"'}:
        return _match(_QUOTED, rest)
    if spaced and rest.startswith("#"):
        return ""
    return _INLINE_COMMENT.sub("", rest).rstrip()


def _reason(text: str) -> str:
    if re.match(r"(?:export[^\S\r\n]+)?[^=#\s]+[^\S\r\n]*=[^\S\r\n]*['\"]", text):
        return "a quote is opened and not closed, or something follows the closing quote"
    return "it is neither NAME=value, nor a comment that starts with #"


def _match(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return found.group() if found else ""


def _count_lines(text: str) -> int:
    return text.count("\n") + text.replace("\r\n", "").count("\r")


def _split_lines(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", text)
