"""A statement of Prisma's engine as words and names, read from the left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""\s+|--[^\n]*|/\*.*?\*/"""
    r"""|(?P<token>"(?:[^"]|"")*"|[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"""
    r"""|[A-Za-z_][\w$]*|\d[\w.]*|::|.)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a statement writes it; `schema` is None where none stands before it."""

    schema: str | None
    name: str

    def shown(self, default: str) -> str:
        """The name as a person reads it: with its schema where that is not the usual one."""
        return self.name if self.schema in {None, default} else f"{self.schema}.{self.name}"

    def within(self, default: str) -> tuple[str, str]:
        """Schema and name."""
        return self.schema or default, self.name


class SqlWords:
    """A statement as tokens, read from the left."""

    def __init__(self, statement: str | Sequence[str], spaced: Sequence[bool] = ()) -> None:
        """`spaced` says of each token whether it stands apart from the one before; without it, all do."""
        if isinstance(statement, str):
            found = list(_TOKEN.finditer(statement))
            apart = [at > 0 and found[at - 1]["token"] is None for at in range(len(found))]
            self.tokens = [m["token"] for m in found if m["token"] is not None]
            self.spaced = [space for m, space in zip(found, apart, strict=True) if m["token"] is not None]
        else:
            self.tokens = list(statement)
            self.spaced = list(spaced) or [True] * len(self.tokens)
        self.at = 0

    @property
    def ended(self) -> bool:
        """Whether nothing but a semicolon is left."""
        return all(word == ";" for word in self.tokens[self.at :])

    def take(self, *words: str) -> bool:
        """Step over these words if they come next."""
        following = self.tokens[self.at : self.at + len(words)]
        if [t.upper() for t in following] != list(words):
            return False
        self.at += len(words)
        return True

    def name(self) -> Name:
        """Step over a name, quoted or not, with or without a schema before it."""
        first = self.identifier()
        if self.tokens[self.at : self.at + 1] == ["."]:
            self.at += 1
            return Name(first, self.identifier())
        return Name(None, first)

    def identifier(self) -> str:
        """Step over one identifier; "" where nothing is left."""
        token = self.tokens[self.at] if self.at < len(self.tokens) else ""
        self.at += 1
        return token[1:-1].replace('""', '"') if token.startswith('"') else token.lower()

    def rest(self) -> str:
        """What is left, as it was written but for comments and the amount of white space."""
        left = zip(self.tokens[self.at :], self.spaced[self.at :], strict=True)
        return "".join(" " * spaced + token for token, spaced in left).strip()

    def parentheses(self) -> list[SqlWords] | None:
        """Step over `( … )` and cut what is inside at its commas; None where no parenthesis comes next."""
        if not self.take("("):
            return None
        start, depth = self.at, 1
        while depth and self.at < len(self.tokens):
            depth += (self.tokens[self.at] == "(") - (self.tokens[self.at] == ")")
            self.at += 1
        return SqlWords(self.tokens[start : self.at - 1], self.spaced[start : self.at - 1]).split_by_comma()

    def split_by_comma(self) -> list[SqlWords]:
        """What is left, cut at the commas outside parentheses."""
        parts: list[list[tuple[str, bool]]] = [[]]
        depth = 0
        for word, spaced in zip(self.tokens[self.at :], self.spaced[self.at :], strict=True):
            depth += (word in {"(", "["}) - (word in {")", "]"})
            if word == "," and depth == 0:
                parts.append([])
            elif word != ";":
                parts[-1].append((word, spaced))
        return [SqlWords([word for word, _ in part], [spaced for _, spaced in part]) for part in parts if part]
