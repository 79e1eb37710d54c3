"""Printed commands work where they are read."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from soundcheck.stores.project import own_command
from soundcheck.stores.project.own_command import NAME, OwnCommand, OwnProgram, own_program, project_options

ODD = 'it\'s a "folder" with $HOME, `ü` and ~'


def program(folder: Path, *, says: str = "", is_environment: bool = False) -> Path:
    path = folder / "bin" / "soundcheck"
    path.parent.mkdir(parents=True)
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" {shlex.quote(says)} "$@"\n')
    path.chmod(0o755)
    if is_environment:
        (folder / "pyvenv.cfg").write_text("")
    return path


def found(called_as: Path | str, cwd: Path, path: str, executable: str = "/usr/bin/python3") -> OwnProgram:
    ours = own_program(str(called_as), executable, cwd, path)
    assert ours is not None
    return ours


def test_it_is_the_bare_name_where_the_path_leads_to_it(tmp_path: Path) -> None:
    there = program(tmp_path)
    assert found(there, tmp_path, str(there.parent)) == OwnProgram(NAME, str(there))


def test_it_is_the_bare_name_where_the_path_leads_to_a_link_to_it(tmp_path: Path) -> None:
    there, link = program(tmp_path / "tool"), tmp_path / "bin" / "soundcheck"
    link.parent.mkdir()
    link.symlink_to(there)
    assert found(link, tmp_path, str(link.parent)) == OwnProgram(NAME, str(link))
    assert found(there, tmp_path, str(link.parent)).in_shell == NAME


def test_another_name_on_the_path_for_it_is_the_one_that_was_typed(tmp_path: Path) -> None:
    there, link = program(tmp_path / "tool"), tmp_path / "bin" / "sc"
    link.parent.mkdir()
    link.symlink_to(there)
    assert found(link, tmp_path, str(link.parent)).in_shell == "sc"


@pytest.mark.parametrize("from_folder", ["checkout", "elsewhere"])
def test_off_the_path_it_is_the_whole_path_in_every_folder(tmp_path: Path, from_folder: str) -> None:
    there, cwd = program(tmp_path / "checkout" / ".venv"), tmp_path / from_folder
    cwd.mkdir(exist_ok=True)
    assert found(os.path.relpath(there, cwd), cwd, "").in_shell == str(there)


def test_another_soundcheck_on_the_path_is_not_this_one(tmp_path: Path) -> None:
    there, other = program(tmp_path / "one"), program(tmp_path / "two")
    assert found(there, tmp_path, str(other.parent)).in_shell == str(there)


def test_an_environment_on_our_path_may_not_be_on_the_readers(tmp_path: Path) -> None:
    there = program(tmp_path, is_environment=True)
    assert found(there, tmp_path, str(there.parent)).in_shell == str(there)


def test_a_relative_entry_of_the_path_leads_elsewhere_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = program(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert found(there, tmp_path, "bin").in_shell == str(there)


def test_python_m_is_the_script_beside_the_interpreter_or_the_module(tmp_path: Path) -> None:
    there, module = program(tmp_path), tmp_path / "soundcheck" / "__main__.py"
    assert found(module, tmp_path, "", str(there.with_name("python"))).in_shell == str(there)
    bare = tmp_path / "other" / "python"
    assert found(module, tmp_path, "", str(bare)).in_shell == f"{bare} -P -m soundcheck"


def test_where_something_else_runs_our_code_no_shell_is_known(tmp_path: Path) -> None:
    assert own_program("/usr/bin/pytest", "/usr/bin/python3", tmp_path, "") is None


@pytest.mark.parametrize(
    ("folders", "options"),
    [
        (["app"], ""),
        (["app", "link"], ""),
        (["shell"], "--project {}/app"),
        (["app", "shell"], "--project {}/app"),
        ([], "--project {}/app"),
    ],
)
def test_the_project_is_named_unless_every_reader_stands_in_it(
    tmp_path: Path, folders: list[str], options: str
) -> None:
    for name in ("app", "shell"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("app")
    said = project_options(tmp_path / "app", (), [tmp_path / name for name in folders])
    assert said == options.format(tmp_path)


def test_what_was_chosen_goes_along_in_every_folder(tmp_path: Path) -> None:
    assert project_options(tmp_path, ("--profile", "a b"), [tmp_path]) == "--profile 'a b'"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Run `soundcheck doctor` again.", "Run `/sc --project /p doctor` again."),
        ("soundcheck setup --local --yes", "/sc --project /p setup --local --yes"),
        ("soundcheck --profile live profiles", "/sc --project /p --profile live profiles"),
        ("soundcheck 'postgresql://u@h/d'", "/sc --project /p 'postgresql://u@h/d'"),
        ("soundcheck run -- npm run dev", "/sc --project /p run -- npm run dev"),
        ("Type `soundcheck`.", "Type `/sc --project /p`."),
        ("soundcheck", "soundcheck"),
        ("A soundcheck before the show.", "A soundcheck before the show."),
        ("docs/soundcheck setup", "docs/soundcheck setup"),
        ("soundcheck.toml", "soundcheck.toml"),
    ],
)
def test_only_commands_are_respelled(text: str, shown: str) -> None:
    command = OwnCommand("/sc", "--project /p")
    assert command.spelled(text) == shown
    assert command.spelled(shown) == shown


def test_a_command_is_made_of_the_words_behind_its_name() -> None:
    command = OwnCommand("/sc", "--project /p")
    assert command.command("doctor --json") == "/sc --project /p doctor --json"
    assert command.command() == "/sc --project /p"
    assert OwnCommand().command("local up") == "soundcheck local up"


@pytest.mark.parametrize("prefix", ["soundcheck", "'/my soundcheck run/bin/soundcheck'"])
def test_spelling_twice_changes_nothing_more(prefix: str) -> None:
    command = OwnCommand(prefix, "--project '/a soundcheck seed'")
    once = command.spelled("Run `soundcheck doctor`, then soundcheck seed.")
    assert once == f"Run `{prefix} --project '/a soundcheck seed' doctor`, then {command.prefix} seed."
    assert command.spelled(once) == once


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_odd_folders_reach_the_program_as_they_are(tmp_path: Path, shell: str) -> None:
    there, project = program(tmp_path / ODD, says="ours"), tmp_path / "my app" / ODD
    project.mkdir(parents=True)
    command = OwnCommand(found(there, tmp_path, "").in_shell, project_options(project, (), [tmp_path]))
    said = subprocess.run(
        [shell, "-c", command.spelled("soundcheck local up")], cwd="/", capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines() == ["ours", "--project", str(project), "local", "up"]


@pytest.fixture
def as_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    there = program(tmp_path / "tool")
    monkeypatch.setattr("sys.argv", [str(there)])
    monkeypatch.setenv("PATH", str(there.parent))
    monkeypatch.delenv(own_command.CALLED_FROM, raising=False)
    monkeypatch.setattr(own_command, "_HERE", own_command._Here())
    monkeypatch.chdir(tmp_path)
    return there


def test_a_file_that_stays_here_is_written_the_same_from_every_folder(
    tmp_path: Path, as_the_program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "app"
    project.mkdir()
    for folder, in_shell in ((tmp_path, f"soundcheck --project {project} local up"), (project, "soundcheck local up")):
        monkeypatch.chdir(folder)
        own_command.work_on(project)
        assert own_command.spelled("soundcheck local up") == in_shell
        assert own_command.spelled_in_file("soundcheck local up") == f"{as_the_program} --project {project} local up"


def test_the_folder_that_make_was_called_from_counts(
    tmp_path: Path, as_the_program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(own_command.CALLED_FROM, "/")
    own_command.work_on(tmp_path)
    assert own_command.spelled("soundcheck doctor") == f"soundcheck --project {tmp_path} doctor"


def test_a_line_break_in_a_path_does_not_end_a_comment(tmp_path: Path, as_the_program: Path) -> None:
    own_command.work_on(tmp_path / "app\nDATABASE_URL=evil")
    assert own_command.spelled_in_file("soundcheck local up") == "soundcheck local up"
