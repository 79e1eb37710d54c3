"""Shell completion: the words are the parser's own, and real shells complete them."""

from __future__ import annotations

import io
import shlex
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest

from screens.cli import COMMANDS, build_parser, main
from screens.commands.completion import SCRIPTS, known_names, show
from screens.completion.words import Value, words_of

LINES = {
    "soundcheck do": ["doctor"],
    "soundcheck setup --local-": ["--local-if-none"],
    "soundcheck local do": ["down"],
    "soundcheck --project /tmp local u": ["up"],
    "soundcheck rows pl": ["playlists"],
    "soundcheck row users 1 --as pri": ["prisma"],
    "soundcheck setup --engine na": ["native"],
    "soundcheck profiles kind live pro": ["production"],
    "soundcheck doctor --only cache.pi": ["cache.ping"],
    "soundcheck completion z": ["zsh"],
}
"""What stands on the line, and what its last word becomes."""


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
    assert options["--project"].value is Value.FOLDER
    assert options["--env-file"].value is Value.FILE
    assert options["--yes"].value is Value.NOTHING
    assert options["--database-url"].value is Value.ANYTHING
    rows = next(command for command in words.commands if command.name == "rows")
    assert "users" in rows.places[0].choices


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
    asked = [f"try {shlex.join([*line.split(' ')])}" for line in (*LINES, "soundcheck ", "soundcheck rows --fo")]
    program = "\n".join(
        [
            f". {shlex.quote(str(scripts / 'bash'))}",
            'try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _soundcheck; echo "${COMPREPLY[*]}"; }',
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


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize("line", LINES)
def test_fish_completes(scripts: Path, line: str) -> None:
    program = f"source {shlex.quote(str(scripts / 'fish'))}; complete -C {shlex.quote(line)}"
    done = subprocess.run(["fish", "-N", "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert [answer.partition("\t")[0] for answer in done.stdout.splitlines()] == LINES[line]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes(scripts: Path) -> None:
    shell = pexpect.spawn("zsh", ["-f", "-i"], encoding="utf-8", env={"TERM": "dumb", "PS1": ""}, timeout=60)
    shell.sendline(
        f"autoload -Uz compinit; compinit -u -D; source {shlex.quote(str(scripts / 'zsh'))}; print -r -- 'RE'ADY"
    )
    shell.expect("READY\r\n")
    for line, words in LINES.items():
        shell.send(f'{line}\t\x01print -r -- "=[\x05]="\r')
        shell.expect(r"\r\n=\[(.*)\]=")
        assert shell.match[1].split()[-1:] == words
    shell.close(force=True)


def test_the_scripts_hold_no_path_of_this_machine(scripts: Path) -> None:
    for shell in SCRIPTS:
        text = (scripts / shell).read_text()
        assert str(Path(__file__).parents[3]) not in text
        assert str(Path.home()) not in text
