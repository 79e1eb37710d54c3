"""`soundcheck completion bash|zsh|fish`: a script that completes the command's words, made from the parser itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Final, TextIO

from screens.completion.bash import bash_script
from screens.completion.fish import fish_script
from screens.completion.words import Words, words_of
from screens.completion.zsh import zsh_script
from screens.exit_codes import ExitCode

SCRIPTS: Final[Mapping[str, Callable[[Words], str]]] = {"bash": bash_script, "zsh": zsh_script, "fish": fish_script}

EPILOG: Final = """examples:
  source <(soundcheck completion bash)                                 bash or zsh, in this shell only
  soundcheck completion bash > ~/.local/share/bash-completion/completions/soundcheck
  soundcheck completion zsh > ~/.zfunc/_soundcheck                     with ~/.zfunc on the fpath before compinit
  soundcheck completion fish > ~/.config/fish/completions/soundcheck.fish

Make it again after an update. It holds names of commands, options, checks, fixes and of the eleven tables, and reads
nothing of a project.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own words."""
    parser.epilog = EPILOG
    parser.add_argument("shell", choices=tuple(SCRIPTS), help="for which shell")


def show(parser: argparse.ArgumentParser, shell: str, stdout: TextIO) -> int:
    """Print the script for a whole parser. No project is opened and nothing is written."""
    stdout.write(SCRIPTS[shell](words_of(parser, known_names())))
    return ExitCode.OK


def known_names() -> dict[tuple[str, str], tuple[str, ...]]:
    """Names that the parser takes as any text: tables of our schema, checks, fixes."""
    from checks.catalogue import default_registry
    from stores.prisma.schema_text import expected_tables, packaged_schema
    from wizard.fixes import EXECUTORS

    tables = expected_tables(packaged_schema())
    checks, fixes = tuple(check.id for check in default_registry()), tuple(EXECUTORS)
    return {
        ("rows", "TABLE"): tables,
        ("row", "TABLE"): tables,
        ("doctor", "--only"): checks,
        ("doctor", "--explain"): checks,
        ("doctor", "--fix"): fixes,
        ("doctor", "--undo"): fixes,
    }
