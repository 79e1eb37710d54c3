"""Shell completion: the words are the parser's own, and real shells complete them."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from soundcheck.screens.cli import COMMANDS, build_parser, main
from soundcheck.screens.commands.completion import SCRIPTS, known_names, show
from soundcheck.screens.completion.words import ValueKind, words_of

LINES = {
    "soundcheck do": ["doctor"],
    "soundcheck setup --local-": ["--local-if-none"],
    "soundcheck local do": ["down"],
    "soundcheck --project /tmp local u": ["up"],
    "soundcheck local --project /tmp u": ["up"],
    "soundcheck row users 1 --as pri": ["prisma"],
    "soundcheck row users 1 --as": ["--as"],
    "soundcheck run --js": ["--json"],
    "soundcheck setup --engine na": ["native"],
    "soundcheck profiles kind live pro": ["production"],
    "soundcheck doctor --only cache.pi": ["cache.ping"],
    "soundcheck completion z": ["zsh"],
}
"""What stands on the line, and what its last word becomes."""


NAMES = {
    "soundcheck rows al": "albums",
    "soundcheck row Tr": "Track",
    "soundcheck rows albums --sort al": "album_title",
    "soundcheck rows albums --sort id,al": "id,album_title",
    "soundcheck rows albums --columns id,al": "id,album_title",
    "soundcheck --project ../other rows co": "concerts",
    "soundcheck rows --schema=../other/schema.prisma co": "concerts",
    "soundcheck rows --project ../bare pl": "playlists",
}
"""The same in a project with a schema of its own; the last folder has none, so ours is meant."""

SCHEMA = """
model Album {
  id     Int     @id
  title  String  @map("album_title")
  tracks Track[]
  @@map("albums")
}

model Track {
  id      Int   @id
  albumId Int
  album   Album @relation(fields: [albumId], references: [id])
}
"""


@pytest.fixture(scope="module")
def own_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with tables of its own, beside another one and an empty folder; `bin` has the program."""
    folder = tmp_path_factory.mktemp("names")
    for name in ("bin", "mine/prisma", "other", "bare"):
        (folder / name).mkdir(parents=True)
    (folder / "mine/prisma/schema.prisma").write_text(SCHEMA)
    (folder / "other/schema.prisma").write_text('model Concert {\n  id Int @id\n  @@map("concerts")\n}\n')
    program = folder / "bin/soundcheck"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m soundcheck "$@"\n')
    program.chmod(0o755)
    return folder / "mine"


def typing_in(shell: str, arguments: list[str], project: Path, ready: str) -> pexpect.spawn[str]:
    """A real shell in the project, its script read."""
    environ = {
        "PATH": f"{project.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(project.parent),
        "SOUNDCHECK_HOME": str(project.parent / "home"),
        "TERM": "dumb",
        "PS1": "",
    }
    typed = pexpect.spawn(
        shell, arguments, encoding="utf-8", env=environ, cwd=str(project), timeout=60, dimensions=(24, 200)
    )
    typed.sendline(f"{ready}; printf 'RE%s\\n' ADY")
    typed.expect("READY\r\n")
    return typed


def last_word(typed: pexpect.spawn[str], line: str, say: str) -> str:
    """Type the line and press Tab: what its last word became. The line is made the text of a `say`."""
    typed.send(f'{line}\t\x01{say} "=[\x05]="\r')
    typed.expect(r"\r\n=\[(.*)\]=")
    assert isinstance(typed.match, re.Match)
    return str(typed.match[1]).split()[-1]


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file for each shell."""
    folder = tmp_path_factory.mktemp("completion")
    for shell in SCRIPTS:
        out = io.StringIO()
        assert show(build_parser(tuple(COMMANDS)), shell, out) == 0
        (folder / shell).write_text(out.getvalue())
    return folder


def test_every_command_and_option_of_the_parser_is_among_the_words() -> None:
    words = words_of(build_parser(tuple(COMMANDS)), known_names())
    assert [command.name for command in words.commands] == list(COMMANDS)
    setup = words.commands[0]
    options = {name: option for option in setup.options for name in option.names}
    assert options["--engine"].choices == ("wasm", "native")
    assert options["--project"].value is ValueKind.FOLDER
    assert options["--env-file"].value is ValueKind.FILE
    assert options["--yes"].value is ValueKind.NOTHING
    assert options["--database-url"].value is ValueKind.ANYTHING
    rows = next(command for command in words.commands if command.name == "rows")
    assert rows.places[0].value is ValueKind.TABLE
    assert next(option for option in rows.options if "--sort" in option.names).value is ValueKind.COLUMN


def test_it_is_printed_where_no_project_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOUNDCHECK_HOME", str(tmp_path / "home"))
    (tmp_path / "soundcheck.toml").write_text("not toml at all [")
    assert main(["completion", "bash"]) == 0
    assert "complete -o filenames -F _soundcheck soundcheck" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["soundcheck.toml"]


def test_bash_completes(scripts: Path) -> None:
    asked = [f"try {shlex.join([*line.split(' ')])}" for line in (*LINES, "soundcheck ", "soundcheck rows --fol")]
    program = "\n".join(
        [
            f". {shlex.quote(str(scripts / 'bash'))}",
            'try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _soundcheck soundcheck; echo "${COMPREPLY[*]}"; }',
            *asked,
        ]
    )
    done = subprocess.run(["bash", "--norc", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    *answers, commands, option = done.stdout.splitlines()
    assert dict(zip(LINES, (answer.split() for answer in answers), strict=True)) == LINES
    assert commands.split() == list(COMMANDS)
    assert option == "--follow"


def test_bash_completes_names_of_files_with_spaces(scripts: Path, tmp_path: Path) -> None:
    (tmp_path / "my project").mkdir()
    program = f"""cd {shlex.quote(str(tmp_path))}; . {shlex.quote(str(scripts / "bash"))}
        COMP_WORDS=(soundcheck --project my); COMP_CWORD=2; _soundcheck; printf '%s|' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "--norc", "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("my project|", "")


def test_bash_completes_the_tables_and_columns_of_the_project(scripts: Path, own_project: Path) -> None:
    shell = typing_in("bash", ["--norc", "-i"], own_project, f". {shlex.quote(str(scripts / 'bash'))}")
    try:
        for line, name in NAMES.items():
            assert last_word(shell, line, "echo") == name
    finally:
        shell.close(force=True)
    assert not (own_project.parent / "home").exists()


def test_a_name_in_a_schema_runs_nothing_in_bash(scripts: Path, own_project: Path, tmp_path: Path) -> None:
    (tmp_path / "schema.prisma").write_text('model A {\n  id Int @id\n  @@map("a$(touch ran)")\n}\n')
    command = shlex.quote(str(own_project.parent / "bin/soundcheck"))
    program = f"""cd {shlex.quote(str(tmp_path))}; . {shlex.quote(str(scripts / "bash"))}
        COMP_WORDS=(soundcheck rows a); COMP_CWORD=2; _soundcheck {command}
        printf '%s|' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "--norc", "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (r"a\$\(touch\ ran\)|", "")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("words", [["columns", "nothing"], ["columns"], ["tables", "--schema", "nowhere.prisma"]])
def test_names_that_cannot_be_had_are_told_and_nothing_is_printed(
    own_project: Path, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(own_project)
    assert main(["completion", *words]) != 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err


def test_names_are_read_without_what_connects(own_project: Path) -> None:
    program = (
        "import sys; from soundcheck.screens.cli import main; main(['completion', 'columns', 'albums']);"
        "print(sorted({'psycopg', 'redis', 'httpx', 'textual'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=own_project, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["id", "album_title", "[]"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize("line", NAMES)
def test_fish_completes_the_tables_and_columns_of_the_project(scripts: Path, own_project: Path, line: str) -> None:
    program = f"source {shlex.quote(str(scripts / 'fish'))}; complete -C {shlex.quote(line)}"
    environ = {"PATH": f"{own_project.parent / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(own_project.parent)}
    done = subprocess.run(
        ["fish", "-N", "-c", program], cwd=own_project, env=environ, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert [answer.partition("\t")[0] for answer in done.stdout.splitlines()] == [NAMES[line]]


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize("line", LINES)
def test_fish_completes(scripts: Path, line: str) -> None:
    program = f"source {shlex.quote(str(scripts / 'fish'))}; complete -C {shlex.quote(line)}"
    done = subprocess.run(["fish", "-N", "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert [answer.partition("\t")[0] for answer in done.stdout.splitlines()] == LINES[line]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes(scripts: Path, own_project: Path) -> None:
    ready = f"autoload -Uz compinit; compinit -u -D; source {shlex.quote(str(scripts / 'zsh'))}"
    shell = typing_in("zsh", ["-f", "-i"], own_project, ready)
    try:
        for line, words in LINES.items():
            assert [last_word(shell, line, "print -r --")] == words
        for line, name in NAMES.items():
            assert last_word(shell, line, "print -r --") == name
        assert last_word(shell, "soundcheck run -- whoam", "print -r --") == "whoami"
    finally:
        shell.close(force=True)


def test_the_scripts_hold_no_path_of_this_machine(scripts: Path) -> None:
    for shell in SCRIPTS:
        text = (scripts / shell).read_text()
        assert str(Path(__file__).parents[3]) not in text
        assert str(Path.home()) not in text
