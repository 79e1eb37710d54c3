"""One table of situations through the four faces of set-up: what was asked, said, done and kept is the same."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from eleven_tables import eleven_template  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401
from psycopg import sql

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import open_project
from soundcheck.wizard.step import StepId
from tests.conftest import Rest, run_aside
from tests.wizard.setup.four_faces import FACES, Desk, Run, cleared, letters_of, named_in, plan_of, tables

SCHEMA = """
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model artists {
  id   String @id
  name String @unique
}

model albums {
  id    String @id
  title String
}
"""


def _nothing(_: Path) -> None:
    """An empty folder."""


def _schema(root: Path) -> None:
    (root / "prisma").mkdir()
    (root / "prisma" / "schema.prisma").write_text(SCHEMA)
    (root / "soundcheck.toml").write_text('[profiles.default]\nkind = "dev"\n')


def _migrations(root: Path) -> None:
    _schema(root)
    folder = root / "prisma" / "migrations" / "1_init"
    folder.mkdir(parents=True)
    (folder / "migration.sql").write_text("CREATE TABLE x (id int);\n")


def _development(root: Path) -> None:
    (root / "soundcheck.toml").write_text('[profiles.default]\nkind = "dev"\n')


def _old_env(root: Path) -> None:
    (root / ".env").write_text('# mine\nDATABASE_URL="postgresql://me:sesame@127.0.0.1:1/shop"\nJWT_SECRET=kept-x\n')
    (root / ".env").chmod(0o644)


def _link(root: Path) -> None:
    (root / "shared.env").write_text("JWT_SECRET=kept-x\n")
    (root / ".env").symlink_to("shared.env")


def _hard_link(root: Path) -> None:
    (root / "shared.env").write_text("JWT_SECRET=kept-x\n")
    (root / ".env").hardlink_to(root / "shared.env")


def _read_only(root: Path) -> None:
    (root / ".env").write_text("JWT_SECRET=kept-x\n")
    (root / ".env").chmod(0o400)


def _tracked(root: Path) -> None:
    (root / ".env").write_text("JWT_SECRET=kept-x\n")
    for words in (["init", "-q"], ["add", ".env"]):
        subprocess.run(["git", *words], cwd=root, check=True)


@dataclass(frozen=True)
class Situation:
    """What is there, how far set-up goes, and what `--yes` needs besides, which the others are asked for.

    `says` must be read on every face; `never` on none.
    """

    name: str
    prepare: Callable[[Path], None] = _nothing
    sql: str = ""
    words: tuple[str, ...] = ()
    option: tuple[str, ...] = ()
    until: StepId = StepId.ENV
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    own_stack: bool = False
    """Whether the project's own local stack runs; `halves` are exported of it, where there are any."""
    halves: frozenset[Half] = frozenset()
    paste: bool = False
    """Whether what is exported has to be pasted on the screen, because the env file comes first there."""
    asks: str = ""
    """What has to be among the questions."""
    refused: str = ""
    """What `--yes` and JSON refuse, for want of an option that could say it."""


SITUATIONS = (
    Situation(
        "an old .env", _old_env, words=("--from-env",), option=("--replace",), paste=True,
        says=("A copy of today's file is kept. Undo with",),
    ),
    Situation("a link", _link, says=(".env is a link to",), refused="--env-file"),
    Situation("a hard link", _hard_link, says=(".env has another name (a hard link)",), refused="mv -f"),
    Situation("a read-only .env", _read_only, says=(".env is read-only (mode 0400)",), refused="chmod u+w"),
    Situation("a tracked .env", _tracked, says=("tracked by git",)),
    Situation(
        "--no-write", words=("--no-write",), says=("No file is written (--no-write)",),
        never=("What is this database for?",),
    ),
    Situation(
        "a read-only folder", says=("The project's folder cannot be written",), never=("What is this database for?",),
    ),
    Situation(
        "local", until=StepId.ENV, option=("--local",), own_stack=True, says=("Local stack, no account",),
    ),
    Situation(
        "an unknown database", asks="What is this database for",
    ),
    Situation(
        "a known database", _development, until=StepId.ENV, never=("What is this database for?",),
    ),
    Situation("one half local", until=StepId.ENV, own_stack=True, halves=frozenset({Half.DATABASE})),
    Situation(
        "own schema", _schema, until=StepId.DATABASE,
        says=("2 tables artists, albums", "Nothing that is there is lost."),
    ),
    Situation(
        "migrations", _migrations, until=StepId.DATABASE,
        says=("The project has migrations",), never=("2 tables",),
    ),
    Situation(
        "warnings", _schema, "CREATE TABLE artists (id text PRIMARY KEY, name text NOT NULL);"
        "CREATE TABLE albums (id text PRIMARY KEY, title text NOT NULL)", until=StepId.DATABASE,
        says=("unique constraint",),
    ),
    Situation(
        "losses", _schema, "CREATE TABLE artists (id text PRIMARY KEY, name text NOT NULL UNIQUE, mine int);"
        "INSERT INTO artists VALUES ('1', 'a', 7)", option=("--accept-data-loss", "artists.mine"),
        until=StepId.DATABASE, says=("artists.mine",),
    ),
    Situation("fresh", until=StepId.DONE, says=("11 tables", "Found 11 tables", "Redis caching is ready!")),
)  # fmt: skip


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's folder, where everything happens."""
    folder = tmp_path / "music-app"
    folder.mkdir()
    for name, text in {"SOUNDCHECK_HOME": str(tmp_path / "home"), "NO_COLOR": "1", "TERM": "xterm-256color"}.items():
        monkeypatch.setenv(name, text)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def values(situation: Situation, root: Path, database_url: PostgresUrl, rest: Rest) -> Iterator[dict[str, str]]:
    """What is exported: both stores of the session, one of the project's own stack, or nothing."""
    both = Credentials(database_url, None, rest.url, rest.token)
    if not situation.own_stack:
        yield revealed(both)
        return
    own = LocalStack(open_project(root).local)
    status = run_aside(own.up())
    yield revealed(replace(both, database_url=status.credentials.database_url)) if situation.halves else {}
    run_aside(own.down())


def revealed(credentials: Credentials) -> dict[str, str]:
    return {name: value.reveal() for name, value in credentials.as_env().items()}


@pytest.fixture
def through(
    situation: Situation,
    root: Path,
    values: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    database_url: PostgresUrl,
    administrator: psycopg.Connection,
    engine_folder: Path,  # noqa: F811
) -> dict[str, Run]:
    """The situation, made anew for each face, and run through it."""
    block = "".join(f'{name}="{value}"\n' for name, value in values.items())
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    if situation.name == "a read-only folder":
        real = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: real(path, mode) and not (mode & os.W_OK and path == root))
    state, ran = open_project(root).state, {}
    for face in FACES:
        cleared(root)
        cleared(state, keep=frozenset({"local"}))
        situation.prepare(root)
        if situation.until is not StepId.ENV:  # up to there nobody writes to it, see `done`
            _fill(administrator, database_url, situation)
        words = situation.words + (situation.option if face in {"yes", "json"} else ())
        desk = Desk(root, monkeypatch, situation.until, block if situation.paste else "")
        one = desk.run(face, words)
        ran[face] = replace(one, done={**one.done, "columns": tables(database_url.reveal())})
    return ran


def _fill(administrator: psycopg.Connection, url: PostgresUrl, situation: Situation) -> None:
    name, owner = sql.Identifier(url.database), sql.Identifier(url.user)
    administrator.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
    administrator.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
    if situation.sql:
        with psycopg.connect(url.reveal(), autocommit=True) as connection:
            connection.execute(situation.sql)


BUTTONS = {"Next", "Write", "Generate", "Open the tables", "How do you want to start"}
"""What going on is called where nothing is asked by it; and the first question, which has a step of its own there."""


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_all_faces_ask_say_do_and_keep_the_same(situation: Situation, through: dict[str, Run]) -> None:
    prompt, yes, document, screen = (through[face] for face in FACES)
    for face, run in through.items():
        said = letters_of(run.said)
        for text in (*situation.says, *plan_of(document.document)):
            assert letters_of(text) in said, face
        for text in situation.never:
            assert letters_of(text) not in said, face

    assert situation.asks in {"", *prompt.asked}
    if situation.refused:
        for run in (yes, document):
            assert run.code == 3
            assert situation.refused in run.said
        asked = tuple(text for text in document.asked if text not in document.given)
        assert asked == prompt.asked[: len(asked)]
        assert (yes.done, yes.kept) == (document.done, document.kept)
    else:
        assert [run.code for run in (prompt, yes, document)] == [0, 0, 0]
        assert tuple(text for text in document.asked if text in prompt.asked) == prompt.asked
        assert set(document.asked) - set(prompt.asked) <= document.given
        assert [(run.done, run.kept) for run in (yes, document)] == [(prompt.done, prompt.kept)] * 2
    on_screen = {named_in(text) if "type its name" in text else text for text in prompt.asked}
    assert set(screen.asked) - BUTTONS == on_screen - BUTTONS
    assert (screen.done, screen.kept) == (prompt.done, prompt.kept)
