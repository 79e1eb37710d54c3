"""Plain output can be read aloud: no symbol stands without its word, whatever prints it."""

from __future__ import annotations

import contextlib
import io
import re

import psycopg
import pytest
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.screens.aloud import MARKS, aloud
from soundcheck.screens.asking_plain import PlainAsker
from soundcheck.screens.cli import main
from soundcheck.screens.plain import PlainPrinter
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.wizard.progress import Mark, PlanLine, Progress, tell_plan

SYMBOLS = re.compile(r"[✓✗→←↑↓▲▼►▶◀●○◐◆■□∅≈≥≤×⚠☐☑★]|(?<!\S)[*•~+–—!x-](?!\S)|(?<!\S)~(?=\d)|\[[x ]\]")
WORDED = re.compile(rf"^ *[{re.escape(''.join(MARKS))}] (?:{'|'.join(MARKS.values())}|error): ")


def bare(line: str, heading: str = "") -> list[str]:
    """The symbols of a line that come without a word; what is masked is said in the line, or in its heading."""
    found = SYMBOLS.findall(WORDED.sub("", line))
    return found + (["•"] if "•" in line and "masked" not in (line + heading).lower() else [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("✓ Redis connected!", "✓ ok: Redis connected!"),
        ("! warning: said already", "! warning: said already"),
        ("✗ error: said already", "✗ error: said already"),
        ("  + PORT=5000", "  + add: PORT=5000"),
        ("~ DATABASE_URL", "~ change: DATABASE_URL"),
        ("- OLD=1", "- remove: OLD=1"),
        ("--yes is an option", "--yes is an option"),
        ("-1 is a number", "-1 is a number"),
        ("tables 11 → 10 (without lyrics)", "tables 11 to 10 (without lyrics)"),
        ("~1.2 M rows, (~3 kB), a~1", "about 1.2 M rows, (about 3 kB), a~1"),
        ("at 80×24, music-api ×2, user:7 60×", "at 80 by 24, music-api times 2, user:7 60 times"),
        ("5 rows · 12 ms", "5 rows, 12 ms"),
        ("postgresql://app:•••••@host/db", "postgresql://app:•••••@host/db (masked)"),
        ("Masked: email a•••@mail…", "Masked: email a•••@mail…"),
        ("/~user/x → /y", "/~user/x to /y"),
        ("", ""),
    ],
)
def test_symbols_become_or_get_words_and_words_stay(line: str, said: str) -> None:
    assert aloud(line) == said
    assert aloud(said) == said, "a line that is spelled twice changes nothing more"
    assert bare(said) == []


def test_whatever_a_step_reports_comes_with_words(capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    printer = PlainPrinter(out, color=False)
    for mark in Mark:
        printer.progress(Progress("a → b ×2", mark, hint="~3 rows", elapsed_ms=3))
    tell_plan([PlanLine(mark, "A", "=•••••", below=("was b → c",)) for mark in "+~-!✓✗– ·"], printer.progress)
    printer.error(UsageError("a → b", "≥ 5"))
    PlainAsker()._say("! is it 80×24?")
    lines = out.getvalue().splitlines() + capsys.readouterr().out.splitlines()
    assert len(lines) > 30
    assert [(line, found) for line in lines if (found := bare(line))] == []


COMMANDS = (
    ["tables"], ["rows", "users"], ["rows", "users", "--format", "record"], ["rows", "users", "--limit", "1"],
    ["row", "users", "u1"], ["profiles"], ["claims"], ["local", "status"], ["doctor", "--list"],
    ["doctor", "--only", "files", "database.query"], ["doctor", "--history"], ["doctor", "--compare", "last", "last"],
    ["doctor", "--explain", "files.env"], ["doctor", "--fix", "--only", "files.env"], ["remove", "--dry-run"],
    ["seed", "--users", "1"], ["cache"], ["no-such-command"], ["setup", "--yes", "--dry-run"],
)  # fmt: skip


def test_no_command_prints_a_symbol_without_a_word(
    project: Project,
    eleven_url: PostgresUrl,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each command's own output on a database with something to mask, to estimate and to warn of."""
    with psycopg.connect(eleven_url.reveal(), autocommit=True) as owner:
        owner.execute(
            """INSERT INTO users (id, name, email, password, "updatedAt")
            SELECT 'u' || g, 'A', 'a' || g || '@mail.example', 'x', now() FROM generate_series(1, 3) g"""
        )
        owner.execute("CREATE TABLE many AS SELECT g FROM generate_series(1, 12000) g")
        owner.execute("CREATE VIEW seen AS SELECT 1 AS a")
        owner.execute("ANALYZE many")
    project.env_file.write_text(f'DATABASE_URL="{eleven_url.reveal()}"\n')
    project.env_file.chmod(0o644)
    (project.root / "soundcheck.toml").write_text('[profiles.default]\nkind = "production"\n')
    monkeypatch.chdir(project.root)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    wrong, silent = [], []
    for words in COMMANDS:
        with contextlib.suppress(SystemExit):
            main(words)
        said = capsys.readouterr()
        lines = (said.out + said.err).splitlines()
        silent += [] if lines else [words]
        wrong += [(words[0], line, found) for line in lines if (found := bare(line, lines[0]))]
    assert wrong == []
    assert silent == []
