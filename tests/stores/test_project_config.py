"""`soundcheck.toml` with every value of every wrong type: one line that names it, and its cure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from soundcheck.screens.cli import main
from soundcheck.stores.errors import UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.project.config import CONFIG_NAME
from soundcheck.stores.project.project import Project, open_project
from soundcheck.wizard.profile_kind import plan_kind

WRONG = ("5", "-1.5", "true", "[]", '["a"]', "{}", "{ a = 1 }", '"text"', "1979-05-27T07:32:00Z", "07:32:00", "nan")
TEXTS = ("env_file", "schema", "backend_python", "kind")
COMMANDS = (("doctor", "--only", "machine.python"), ("tables",), ("profiles",), ("setup", "--yes"), ("remove",), ())

FIELDS = [
    *(f"profiles = {value}" for value in WRONG if value != "{}"),
    *(f"default_profile = {value}" for value in WRONG if value[0] != '"'),
]
PROFILES = [f"profiles = {{ default = {value} }}" for value in WRONG if value[0] != "{"]
SECTIONS = [f"[profiles.default]\n{key} = {value}" for key in TEXTS for value in WRONG if value[0] != '"']
KEYS = [f"[profiles.default]\ncache_keys = {value}" for value in WRONG if value[0] != "{"]
BROKEN = [
    "profiles = [", "profiles=5", "= 5", "[profiles", "a = " + "[" * 3000, "a = " + "9" * 5000, "a = 1\na = 2",
    '[profiles.default]\nkind = "staging"', '[profiles.default]\nenv_file = "a\\u0000b"',
    '[profiles.default]\nenv_file = "~nobody-of-that-name/.env"', '[profiles.default]\nschema = "' + "x" * 5000 + '"',
    'default_profile = "a\\u0000b"', "\ufeffprofiles = {}", "schema=5\n[profiles]\ndefault = 3",
]  # fmt: skip


def refused(root: Path) -> UsageError:
    with pytest.raises(UsageError) as problem:
        open_project(root)
    assert problem.value.hint
    assert len(problem.value.message) < 400
    assert "\n" not in problem.value.message
    return problem.value


@pytest.mark.parametrize("text", [*FIELDS, *PROFILES, *SECTIONS, *KEYS, *BROKEN], ids=lambda text: text[:60])
def test_a_wrong_value_is_told_in_one_line(project: Project, text: str) -> None:
    (project.root / CONFIG_NAME).write_text(text)
    refused(project.root)


def no_utf8(path: Path) -> None:
    path.write_bytes(b"# ours\ndefault_profile = '\xff'\n")


def utf16(path: Path) -> None:
    path.write_text("[profiles]\n", "utf-16")


def circle(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("make", [Path.mkdir, no_utf8, utf16, circle])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_file_that_is_none_stops_every_command_in_words(
    project: Project, capsys: pytest.CaptureFixture[str], make: Callable[[Path], None], words: tuple[str, ...]
) -> None:
    make(project.root / CONFIG_NAME)
    assert main(["--project", str(project.root), *words]) == ExitCode.USAGE
    said = capsys.readouterr()
    assert said.err.splitlines()[0].startswith(f"✗ error: {CONFIG_NAME} cannot be read: ")
    assert said.err.splitlines()[1].startswith("  Next: ")
    assert said.out == ""


def test_the_line_that_is_not_utf8_is_named(project: Project) -> None:
    no_utf8(project.root / CONFIG_NAME)
    assert "line 2 is not UTF-8" in refused(project.root).message


def test_a_file_without_the_right_to_read_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (project.root / CONFIG_NAME).write_text("")
    monkeypatch.setattr("soundcheck.stores.project.config.read_plain", denied)  # a test run as root may read everything
    assert "Permission denied" in refused(project.root).message


def test_another_profile_s_wrong_kind_stops_nobody_and_can_be_put_right(project: Project) -> None:
    (project.root / CONFIG_NAME).write_text("[profiles.default]\n[profiles.live]\nkind = 'staging'\n")
    opened = open_project(project.root)
    change = plan_kind(opened, "live", opened.profile.kind)
    assert (change.before, change.changes) == (opened.profile.kind, True)


def test_empty_values_mean_the_usual_ones(project: Project) -> None:
    (project.root / CONFIG_NAME).write_text('default_profile = ""\n[profiles.default]\nschema = ""\n')
    opened = open_project(project.root)
    assert (opened.profile.name, opened.schema) == ("default", None)
