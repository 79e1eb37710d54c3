"""How this program is called here, so that every command we print works where it is read."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from functools import lru_cache
from pathlib import Path
from typing import Final

NAME: Final = "soundcheck"

_COMMANDS: Final = "setup|doctor|local|run|tables|rows?|seed|cache|profiles|claims|move|remove|completion"

_MENTION: Final = re.compile(rf"(?<![\w/.-]){NAME}(?= (?:(?:{_COMMANDS})\b|--|'postgres))|(?<=`){NAME}(?=`)")


def own_command(called_as: str, cwd: Path, path: str | None) -> str:
    """`soundcheck` where the PATH leads to this very program, else the shortest path that does."""
    program = Path(called_as)
    if program.stem != NAME:
        return NAME
    program = (cwd / program).absolute()
    on_path = shutil.which(NAME, path=path)
    if on_path is not None and Path(on_path).absolute() == program:
        return NAME
    shown = program.relative_to(cwd) if program.is_relative_to(cwd) else program
    return shlex.quote(str(shown))


@lru_cache(maxsize=1)
def _here() -> str:
    return own_command(sys.argv[0], Path.cwd(), os.environ.get("PATH"))


def spelled(text: str, command: str | None = None) -> str:
    """The text with every `soundcheck …` command spelled as it works here; a text that is only the name is one."""
    known = command if command is not None else _here()
    if text == NAME:
        return known
    return text if known == NAME else _MENTION.sub(lambda _: known, text)
