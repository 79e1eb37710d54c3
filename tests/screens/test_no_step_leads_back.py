"""No next step names the command that has just run: what says "again" says so without it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from soundcheck.checks.advice import spelled
from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.explanation import DEEDS
from soundcheck.screens.cli import main
from soundcheck.screens.just_run import reworded, running
from soundcheck.screens.plain import PlainPrinter
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.project import own_command
from soundcheck.stores.project.own_command import OwnCommand

PREFIX = "/opt/soundcheck --project '/home/ana/my app'"

DEED = re.compile(r"\{(?P<name>run|press|paste):?(?P<what>[^}]*)\}")


@pytest.mark.parametrize("prefix", ["soundcheck", PREFIX])
@pytest.mark.parametrize(
    ("typed", "text", "said"),
    [
        ("doctor", "Run `{} doctor` again later.", "Run this command again later."),
        ("doctor --only cache", "Run `{} doctor --only cache` again; else wait.", "Run this command again; else wait."),
        ("doctor --plain --only cache", "Run `{} doctor --only cache`.", "Run this command."),
        ("--project x doctor", "to see: {} doctor", "to see: this command"),
        ("setup --local", "Type: {} setup --local   It writes them.", "Run this command again   It writes them."),
        ("local up", "Type: {} local up", "Run this command again"),
        ("remove", "Look at the list again: {} remove", "Look at the list again: this command"),
        # what has other words is another command
        ("doctor", "Run `{} doctor --fix client.engine`.", ""),
        ("doctor --text", "Run `{} doctor` again.", ""),
        ("setup", "To go on at once: `{} setup --local`.", ""),
        ("remove", "To look again: {} remove --dry-run", ""),
        ("local", "{} local up  starts it", ""),
        ("", "`{}` opens the tables: {} tables", ""),
        ("doctor --project", "Run `{} doctor`.", ""),
    ],
)
def test_the_command_that_runs_is_not_named(
    monkeypatch: pytest.MonkeyPatch, prefix: str, typed: str, text: str, said: str
) -> None:
    monkeypatch.setattr(own_command._HERE, "in_shell", OwnCommand(prefix))
    with running(typed.split()):
        assert reworded(text.replace("{}", prefix)) == (said or text.replace("{}", prefix))
    assert reworded(text.replace("{}", prefix)) == text.replace("{}", prefix)


def test_no_finding_of_any_check_names_it() -> None:
    """Every hint there is, as a printer says it while `doctor` and what else shows findings run."""
    rows = {row.hint for check in default_registry() for row in check.endings.values()}
    hints = [DEED.sub(lambda deed: spelled((DEEDS[deed["name"]](deed["what"]),)), hint) for hint in rows]
    for typed in (
        "doctor",
        "doctor --only cache",
        "doctor --text",
        "setup",
        "setup --local",
        "local up",
        "setup --ca FILE",
    ):
        out = io.StringIO()
        with running(typed.split()):
            for hint in hints:
                PlainPrinter(out, color=False).error(StepFailed("It failed.", hint))
        assert f"soundcheck {typed}`" not in out.getvalue()
        assert not [line for line in out.getvalue().splitlines() if line.endswith(f"soundcheck {typed}")]
        assert "his command" in out.getvalue() or typed in {"doctor --text", "setup --ca FILE"}


def test_the_whole_program_does_not_lead_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOUNDCHECK_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for words in (["doctor", "--only", "files"], ["tables"], ["rows", "users"], ["seed"], ["cache"], ["remove"]):
        main(words)
        said = "".join(capsys.readouterr())
        assert f"soundcheck {' '.join(words)}\n" not in said
        assert f"soundcheck {' '.join(words)}`" not in said
