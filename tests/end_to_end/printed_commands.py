"""Commands as they stand in a text: found by the program's name, read as far as the program takes its words."""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from soundcheck.screens.cli import build_parser
from soundcheck.screens.options import add_common
from soundcheck.stores.errors import UsageError

QUIET = {"doctor", "tables", "rows", "row", "profiles", "claims", "cache"}
"""Commands that only look; whatever else was printed is run with --help in place of its work."""

CHANGES = {"--fix", "--undo", "--bundle", "--app", "kind", "--watch", "--follow", "--monitor"}

_PROGRAM = re.compile(
    r"(?:'(?:[^']|'\"'\"')*/soundcheck'|(?<![\w/.-])/\S*/soundcheck|(?<![\w/.'-])soundcheck)(?= |`|$)"
)


@dataclass(frozen=True)
class Printed:
    """One command as it was printed."""

    program: str
    words: tuple[str, ...]

    @property
    def command(self) -> str:
        """Its command's name, "" for the app."""
        return next((word for word in _without_options(self.words) if word), "")

    @property
    def line(self) -> str:
        """What is typed: the words themselves where they only look, else the same with --help."""
        rest = list(self.words)
        only_looks = self.command in QUIET or self.words[-2:] in {("local", "status"), ("local", "up")}
        if self.command and (not only_looks or CHANGES & set(rest)):
            rest = [*(rest[: rest.index("--")] if "--" in rest else rest), "--help"]
        return f"{self.program} {shlex.join(rest)}"


def _without_options(words: tuple[str, ...]) -> list[str]:
    parser = argparse.ArgumentParser(add_help=False)
    add_common(parser)
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    return list(parser.parse_known_args(list(words))[0].rest)


def takes(words: list[str]) -> bool:
    """Whether the program understands these words."""
    if not words:
        return True
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        try:
            return not build_parser(words).parse_known_args(words)[1]
        except UsageError:
            return False
        except SystemExit:  # after its help
            return True


def printed_in(text: str) -> Iterator[Printed]:
    """The commands of a text: of the words behind a program's name as many as the program takes."""
    for line in text.splitlines():
        for found in _PROGRAM.finditer(line):
            rest = re.split(r"[`→›[]|  |\)(?:\s|$)|[.,;:](?:\s|$)| writes | again", line[found.end() :])[0]
            try:
                words = shlex.split(rest)
            except ValueError:
                words = rest.split()
            while not takes(words):
                words.pop()
            if words or line.strip() == found[0] or line[found.end() : found.end() + 1] == "`":
                yield Printed(found[0], tuple(words))
