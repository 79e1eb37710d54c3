"""`soundcheck completion bash|zsh|fish`: a script that completes the command's words, made from the parser itself.

`completion tables` and `completion columns TABLE` print the names that the script asks for: of the schema in the
project's folder, read as text, with no connection.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TextIO

from soundcheck.screens.completion.bash import bash_script
from soundcheck.screens.completion.fish import fish_script
from soundcheck.screens.completion.words import CompletionWords, words_of
from soundcheck.screens.completion.zsh import zsh_script
from soundcheck.screens.options import project_of
from soundcheck.stores.errors import UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.prisma.schema_text import expected_tables, packaged_schema

TABLES, COLUMNS = "tables", "columns"

SCRIPTS: Final[Mapping[str, Callable[[CompletionWords], str]]] = {
    "bash": bash_script,
    "zsh": zsh_script,
    "fish": fish_script,
}

EPILOG: Final = """examples:
  source <(soundcheck completion bash)                                 bash or zsh, in this shell only
  soundcheck completion bash > ~/.local/share/bash-completion/completions/soundcheck
  soundcheck completion zsh > ~/.zfunc/_soundcheck                     with ~/.zfunc on the fpath before compinit
  soundcheck completion fish > ~/.config/fish/completions/soundcheck.fish

Make it again after an update. It holds names of commands, options, checks and fixes. The names of tables, and of
columns after --sort and --columns, are those of the project that you stand in: the script asks for them with

  soundcheck completion tables                                         one a line, out of schema.prisma; no connection
  soundcheck completion columns users
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own words."""
    parser.epilog = EPILOG
    parser.add_argument("what", choices=(*SCRIPTS, TABLES, COLUMNS), help="a shell's script, or the project's names")
    parser.add_argument("table", metavar="TABLE", nargs="?", default="", help="whose columns")


def complete(
    args: argparse.Namespace,
    whole_parser: Callable[[], argparse.ArgumentParser],
    environ: Mapping[str, str],
    stdout: TextIO,
) -> int:
    """Print a script, or names of the project; nothing is written and nothing connected to.

    Raises `UsageError` for a table that the schema has not, `CouldNotRun` where the schema cannot be read.
    """
    if args.what in SCRIPTS:
        return show(whole_parser(), args.what, stdout)
    schema = project_of(args, environ).schema or packaged_schema()
    names = expected_tables(schema) if args.what == TABLES else _columns(schema, args.table)
    stdout.writelines(f"{name}\n" for name in names if name.isprintable())
    return ExitCode.OK


def _columns(schema: Path, table: str) -> Iterable[str]:
    from soundcheck.stores.prisma.models import load_models

    for model in load_models(schema):
        if table == (f"{model.schema}.{model.table}" if model.schema else model.table):
            return [field.column for field in model.fields if field.is_scalar]
    known = ", ".join(expected_tables(schema))
    raise UsageError(f"The schema has no table {table!r}.", f"Name one of these: {known}.")


def show(parser: argparse.ArgumentParser, shell: str, stdout: TextIO) -> int:
    """Print the script for a whole parser. No project is opened and nothing is written."""
    stdout.write(SCRIPTS[shell](words_of(parser, known_names())))
    return ExitCode.OK


def known_names() -> dict[tuple[str, str], tuple[str, ...]]:
    """Names that the parser takes as any text: checks, fixes."""
    from soundcheck.checks.catalogue import default_registry
    from soundcheck.wizard.fixes.apply import EXECUTORS

    checks, fixes = tuple(check.id for check in default_registry()), tuple(EXECUTORS)
    return {
        ("doctor", "--only"): checks,
        ("doctor", "--explain"): checks,
        ("doctor", "--fix"): fixes,
        ("doctor", "--undo"): fixes,
    }
