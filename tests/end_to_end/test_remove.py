"""`soundcheck remove`: the folder afterwards is the folder before, byte for byte and mode for mode."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

DOCS = Path(__file__).parents[2] / "docs" / "json"
SCHEMA = """generator client {
  provider = "prisma-client-py"
}

datasource db {
  provider  = "postgresql"
  url       = env("DATABASE_URL")
  directUrl = env("DIRECT_URL")
}

model Song {
  id String @id
}
"""


def tree(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """Every path below with its mode and its content; None for a folder."""
    return {
        str(path.relative_to(folder)): (stat.S_IMODE(path.stat().st_mode), None if path.is_dir() else path.read_bytes())
        for path in sorted(folder.rglob("*"))
    }


def empty(project: Path) -> None:
    """Nothing."""


def lived_in(project: Path) -> None:
    """An env file with CRLF and comments, a .gitignore without a last newline, folders, a schema of its own."""
    (project / "backend" / "prisma").mkdir(parents=True)
    (project / "backend" / ".env").write_bytes(b'# mine\r\nPORT=3000\r\n\r\nDATABASE_URL=""  # later\r\nexport X="1"')
    (project / "backend" / ".env").chmod(0o644)
    (project / ".gitignore").write_bytes(b"node_modules\n*.log")
    (project / ".gitignore").chmod(0o640)
    (project / "backend" / "prisma" / "schema.prisma").write_text(SCHEMA)
    (project / ".env.example").write_text("PORT=3000\n")


@pytest.mark.parametrize("prepare", [empty, lived_in])
def test_the_tree_afterwards_is_what_it_was_before_set_up(desk, prepare: Callable[[Path], None]) -> None:
    prepare(desk.project)
    before = tree(desk.project)
    done = desk.run("setup", "--local", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert tree(desk.project) != before

    listed = desk.run("remove", "--dry-run", "--json")
    assert listed.returncode == 0, listed.stderr
    document = json.loads(listed.stdout)
    jsonschema.validate(document, json.loads((DOCS / "removal.schema.json").read_text()))
    assert {item["kind"] for item in document["items"]} >= {"env", "ignore", "team", "client", "processes", "local"}
    assert {item["outcome"] for item in document["items"]} == {"would_remove"}

    removed = desk.run("remove", "--yes")
    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert tree(desk.project) == before
    assert not (desk.home / "sc" / "projects").exists()

    again = desk.run("remove", "--yes")
    assert again.returncode == 0
    assert again.stdout == "There is nothing of Soundcheck's in music-app.\n"


@pytest.mark.parametrize("at", ["Valkey run on this machine", "prisma db push"])
def test_a_set_up_that_was_killed_is_removed_as_well(desk, at: str) -> None:
    lived_in(desk.project)
    before = tree(desk.project)
    setup = desk.start("setup", "--local", "--yes")
    assert setup.stdout is not None
    for line in setup.stdout:
        if at in line:
            break
    setup.kill()
    setup.communicate()
    removed = desk.run("remove", "--yes")
    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert tree(desk.project) == before
    assert not (desk.home / "sc" / "projects").exists()
