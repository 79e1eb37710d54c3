"""How this program is called from the reader's shell, so that every command we print works where it is read.

Texts name commands as `soundcheck doctor`. The edge that shows them spells the name as the program really is called,
and adds the options without which the command would work on another project. JSON documents keep the bare name: what
reads them knows how it called us. Files for others (bundles, saved reports) keep it too: their reader has an
installation of their own, and a path of this machine would tell more than it helps.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

NAME: Final = "soundcheck"

CALLED_FROM: Final = "SOUNDCHECK_CALLED_FROM"
"""The folder of the shell, where it is not ours: `make` may have been called from another one (`make -C`)."""

COMMANDS: Final = "setup|doctor|local|run|tables|rows?|seed|cache|profiles|claims|move|remove|completion"

_MENTION: Final = rf"(?<![\w/.-]){NAME}(?= (?:(?:{COMMANDS})\b|--|'postgres))|(?<=`){NAME}(?=`)"


@dataclass(frozen=True)
class OwnCommand:
    """The words before a command's name, ready for a shell: the program, and what it works on.

    `options` belong to the project rather than to the folder, such as a profile that was asked for by name.
    """

    program: str = NAME
    options: str = ""

    @property
    def prefix(self) -> str:
        """All of them."""
        return f"{self.program} {self.options}".rstrip()

    def command(self, words: str = "") -> str:
        """One of our commands as it works here; `words` are those behind its name."""
        return f"{self.prefix} {words}".rstrip()

    def spelled(self, text: str) -> str:
        """The text with every `soundcheck …` command as it works here; spelling it twice changes nothing more."""
        return text if self.prefix == NAME else self._pattern.sub(lambda _: self.prefix, text)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """What is spelled already comes first, so that nothing inside it is taken for a mention."""
        return re.compile(rf"{re.escape(self.prefix)}(?!\w)|{_MENTION}")


@dataclass(frozen=True, slots=True)
class OwnProgram:
    """The words that start us, quoted for a shell: as short as they may be in one, and by the whole path."""

    in_shell: str
    path: str


def own_program(called_as: str, executable: str, cwd: Path, path: str | None) -> OwnProgram | None:
    """How any shell finds this program; None where something else runs our code. `called_as` is `sys.argv[0]`.

    It is the bare name only where the PATH leads to this very installation.
    """
    program = (cwd / called_as).absolute()
    if NAME not in {program.stem, program.resolve().stem}:
        if program.parts[-2:] != (NAME, "__main__.py"):  # python -m soundcheck
            return None
        program = Path(executable).absolute().with_name(NAME)
        if not program.is_file():
            words = shlex.join([executable, "-P", "-m", NAME])
            return OwnProgram(words, words)
    whole = shlex.quote(str(program.parent.resolve() / program.name))
    on_path = shutil.which(program.name, path=path)
    if on_path is not None and _is_lasting(Path(on_path)) and Path(on_path).resolve() == program.resolve():
        return OwnProgram(shlex.quote(program.name), whole)
    return OwnProgram(whole, whole)


def _is_lasting(found: Path) -> bool:
    """Whether the reader's shell has it on its PATH too, whatever folder it stands in.

    A relative entry leads elsewhere from elsewhere. A virtual environment's folder may be on our PATH alone: `uv run`
    and its like put it there for the child, and one that was activated is gone in the next terminal.
    """
    return found.is_absolute() and not (found.parent.parent / "pyvenv.cfg").is_file()


def project_options(root: Path, more: Sequence[str], folders: Sequence[Path]) -> str:
    """The options that lead a command to the project from each of the `folders`; `more` belong to it everywhere.

    With no folder nobody knows where the command will be typed, and the project is always named.
    """
    is_here = bool(folders) and all(_real(folder) == _real(root) for folder in folders)
    return shlex.join([*([] if is_here else ["--project", str(root)]), *more])


def _real(path: Path) -> str:
    return os.path.realpath(path)


@dataclass
class _Here:
    """What the texts of this process are spelled with. There is one, as there is one `sys.argv`."""

    in_shell: OwnCommand | None = None
    in_files: OwnCommand = OwnCommand()


_HERE: Final = _Here()


def work_on(root: Path, more: Sequence[str] = ()) -> None:
    """Spell commands for this project from now on; `more` are the options that reach what was chosen in it.

    Where something else runs our code, such as a test runner, nobody's shell is known and the bare name stays.
    """
    program = _own_program()
    if program is None:
        return
    called_from = os.environ.get(CALLED_FROM)
    folders = [Path.cwd(), *([Path(called_from)] if called_from else [])]
    _HERE.in_shell = OwnCommand(program.in_shell, project_options(root, more, folders))
    lasting = OwnCommand(program.path, project_options(root, more, ()))
    # A line break in a path would end the comment that the command stands in.
    _HERE.in_files = lasting if lasting.prefix.isprintable() else OwnCommand()


def here() -> OwnCommand:
    """How we are called from the shell that we were started from."""
    if _HERE.in_shell is None:
        program = _own_program()
        _HERE.in_shell = OwnCommand(program.in_shell) if program is not None else OwnCommand()
    return _HERE.in_shell


def spelled(text: str) -> str:
    """The text with its commands as they work in the shell that we were started from."""
    return here().spelled(text)


def spelled_in_file(text: str) -> str:
    """The same for a file that stays on this machine, such as `.env`: right in every folder and every shell.

    It does not depend on where we were started, so that writing the file again changes nothing.
    """
    return _HERE.in_files.spelled(text)


def _own_program() -> OwnProgram | None:
    return own_program(sys.argv[0], sys.executable, Path.cwd(), os.environ.get("PATH"))
