"""The generated client: where it goes, that it works, and what is never deleted for it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from engine_fixture import run_aside

from soundcheck.stores.backend.client_needs import client_needs, found_engine
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.prisma.client import ClientState, client_output, client_state, generate_client
from soundcheck.stores.prisma.client_place import STAMP_NAME
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.prisma.schema_text import packaged_schema
from soundcheck.stores.project.project import Project

SMALL = """
generator client {
  provider = "prisma-client-py"
  recursive_type_depth = 5
}
datasource db {
  provider = "postgresql"
  url = env("DATABASE_URL")
}
model Song {
  id String @id @default(cuid())
  title String
}
"""


@pytest.fixture
def music(project: Project) -> Project:
    """A project with a small schema in `prisma/`."""
    schema = project.root / "prisma" / "schema.prisma"
    schema.parent.mkdir()
    schema.write_text(SMALL)
    return replace(project, schema=schema)


@pytest.fixture(scope="module")
def small_client(engine_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client of the small schema, generated once."""
    schema = tmp_path_factory.mktemp("small") / "schema.prisma"
    schema.write_text(SMALL)
    return run_aside(generate_client(PrismaEngine(engine_folder, find_node()), schema, schema.parent)).output


@pytest.fixture
def generated(music: Project, small_client: Path) -> Path:
    """The project's client, as fresh as a generation leaves it."""
    output = music.root / "prisma_client"
    shutil.copytree(small_client, output)
    return output


def _schema(project: Project) -> Path:
    assert project.schema is not None
    return project.schema


def _python(root: Path, code: str) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PRISMA", "DATABASE"))}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, env=environ | {"HOME": str(root)}
    )


async def test_our_own_schema_s_client_imports_in_a_fresh_process_and_says_what_it_lacks(
    engine: PrismaEngine, music: Project
) -> None:
    _schema(music).write_text(packaged_schema().read_text("utf-8"))
    (music.root / "httpx.py").write_text("raise SystemExit('imported by accident')")
    client = await generate_client(engine, _schema(music), music.root)
    (music.root / "httpx.py").unlink()
    assert (client.output, client.module, len(client.models)) == (music.root / "prisma_client", "prisma_client", 11)
    answer = _python(
        music.root,
        "import asyncio, prisma_client as made\n"
        "client = made.Prisma()\n"
        "print(client.user.find_many.__name__, client.sessionparticipant.create.__name__)\n"
        "try: asyncio.run(client.connect())\n"
        "except Exception as problem: print(type(problem).__name__)",
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines() == ["find_many create", "BinaryNotFoundError"]


def test_nothing_is_generated_into_our_own_environment(generated: Path) -> None:
    library = importlib.util.find_spec("prisma")
    assert library is not None
    assert library.origin is not None
    assert not Path(library.origin).with_name("client.py").exists()


async def test_the_client_is_missing_then_generated_then_stale(engine: PrismaEngine, music: Project) -> None:
    schema = _schema(music)
    assert client_state(music, schema) is ClientState.MISSING
    await generate_client(engine, schema, music.root)
    assert client_state(music, schema) is ClientState.GENERATED
    schema.write_text(SMALL.replace("title String", "title String?"))
    assert client_state(music, schema) is ClientState.STALE
    await generate_client(engine, schema, music.root)
    assert client_state(music, schema) is ClientState.GENERATED
    assert [p.name for p in music.root.iterdir() if p.name.startswith(".")] == []


async def test_a_client_that_the_stock_command_made_is_known_by_its_copy_of_the_schema(
    engine: PrismaEngine, music: Project, generated: Path
) -> None:
    schema = _schema(music)
    (generated / STAMP_NAME).unlink()
    (generated / ".gitignore").unlink()
    assert client_state(music, schema) is ClientState.GENERATED
    schema.write_text(SMALL + "// changed\n")
    assert client_state(music, schema) is ClientState.STALE
    await generate_client(engine, schema, music.root)
    assert client_state(music, schema) is ClientState.GENERATED


def test_git_ignores_the_client(music: Project, generated: Path) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=music.root, check=True)
    untracked = subprocess.run(
        ["git", "status", "--short", "-uall"], cwd=music.root, check=True, capture_output=True, text=True
    ).stdout
    assert untracked.split() == ["??", "prisma/schema.prisma"]


async def test_a_folder_of_the_user_s_is_never_replaced(engine: PrismaEngine, music: Project) -> None:
    theirs = music.root / "prisma_client" / "notes.txt"
    theirs.parent.mkdir()
    theirs.write_text("mine")
    with pytest.raises(StepFailed, match="not a generated client"):
        await generate_client(engine, _schema(music), music.root)
    assert theirs.read_text() == "mine"


async def test_a_file_of_the_user_s_inside_a_client_keeps_it_as_it_is(
    engine: PrismaEngine, music: Project, generated: Path
) -> None:
    (generated / "mine").mkdir()
    (generated / "mine" / "extra.py").write_text("x = 1")
    with pytest.raises(StepFailed, match=r"mine/extra\.py"):
        await generate_client(engine, _schema(music), music.root)
    assert (generated / "mine" / "extra.py").exists()
    assert client_state(music, _schema(music)) is ClientState.GENERATED


async def test_a_link_is_not_written_through(engine: PrismaEngine, music: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (music.root / "prisma_client").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StepFailed, match="is a link"):
        await generate_client(engine, _schema(music), music.root)
    assert list((tmp_path / "elsewhere").iterdir()) == []


async def test_a_generator_that_refuses_leaves_the_old_client(
    engine: PrismaEngine, music: Project, generated: Path
) -> None:
    schema = _schema(music)
    before = (generated / "client.py").read_bytes()
    schema.write_text(SMALL.replace("recursive_type_depth = 5", "recursive_type_depth = 1"))
    with pytest.raises(StepFailed, match="greater than 1"):
        await generate_client(engine, schema, music.root)
    assert (generated / "client.py").read_bytes() == before
    assert sorted(p.name for p in music.root.iterdir()) == ["prisma", "prisma_client"]


async def test_another_language_s_schema_is_left_to_its_own_tools(engine: PrismaEngine, music: Project) -> None:
    schema = _schema(music)
    schema.write_text(SMALL.replace("prisma-client-py", "prisma-client-js").replace("recursive_type_depth = 5", ""))
    assert client_state(music, schema) is ClientState.NOT_WANTED
    with pytest.raises(StepFailed, match="no generator for Python"):
        await generate_client(engine, schema, music.root)
    assert client_needs(music, schema, {}).can_connect


@pytest.mark.parametrize(
    ("place", "output"),
    [
        ("schema.prisma", "prisma_client"),
        ("prisma/schema.prisma", "prisma_client"),
        ("backend/schema.prisma", "backend/prisma_client"),
        ("backend/prisma/schema.prisma", "backend/prisma_client"),
        ("backend/prisma/schema/all.prisma", "backend/prisma_client"),
    ],
)
def test_without_an_output_the_client_lies_beside_the_folder_of_the_schema(
    place: str, output: str, project: Project
) -> None:
    schema = project.root / place
    schema.parent.mkdir(parents=True, exist_ok=True)
    schema.write_text(SMALL)
    named = schema.parent if schema.name == "all.prisma" else schema
    assert client_output(project.root, named) == project.root / output


def test_a_schema_outside_the_project_has_its_client_in_the_project(project: Project) -> None:
    assert client_output(project.root, packaged_schema()) == project.root / "prisma_client"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("../prisma", "hide the library"),
        ("..", "holds the project"),
        ("../..", "holds the project"),
        (f"{sys.prefix}/lib/made", "own environment"),
        ("/", "holds the project"),
    ],
)
def test_a_place_that_is_not_fit_for_a_client_is_refused(output: str, reason: str, music: Project) -> None:
    schema = _schema(music)
    schema.write_text(SMALL.replace("recursive_type_depth", f'output = "{output}"\n  recursive_type_depth'))
    with pytest.raises(StepFailed, match=reason):
        client_output(music.root, schema)


def test_the_output_may_stand_in_a_variable(music: Project) -> None:
    schema = _schema(music)
    schema.write_text(SMALL.replace("recursive_type_depth", 'output = env("MADE_IN")\n  recursive_type_depth'))
    assert client_output(music.root, schema, {"MADE_IN": "made"}) == music.root / "made"
    with pytest.raises(StepFailed, match="MADE_IN, which is not set"):
        client_output(music.root, schema, {})


def test_what_a_project_without_a_client_needs_is_named(music: Project, tmp_path: Path) -> None:
    missing = client_needs(music, _schema(music), {"HOME": str(tmp_path)}).missing
    assert [line.split()[:2] for line in missing] == [["The", "client"], ["The", "library"], ["The", "client"]]


def test_what_the_client_needs_is_found_by_looking(music: Project, generated: Path, tmp_path: Path) -> None:
    schema, bare = _schema(music), {"HOME": str(tmp_path)}
    library = music.root / ".venv" / "lib" / "python3.12" / "site-packages" / "prisma" / "__init__.py"
    library.parent.mkdir(parents=True)
    library.write_text("")
    (music.root / ".venv" / "bin").mkdir()
    (music.root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    needs = client_needs(music, schema, bare)
    assert (needs.state, needs.library, needs.engine) == (ClientState.GENERATED, library, None)
    assert "BinaryNotFoundError" in needs.missing[0]
    program = tmp_path / "query-engine"
    program.write_text("")
    found = client_needs(music, schema, bare | {"PRISMA_QUERY_ENGINE_BINARY": str(program)})
    assert (found.engine, found.can_connect) == (program, True)


_ELF = b"\x7fELF\x02\x01\x01" + bytes(11)


@pytest.mark.parametrize(
    ("content", "system", "machine", "fits"),
    [
        (_ELF + b"\x3e\x00", "linux", "x86_64", True),
        (_ELF + b"\x3e\x00", "linux", "aarch64", False),
        (_ELF + b"\xb7\x00", "linux", "aarch64", True),
        (_ELF + b"\x3e\x00", "darwin", "x86_64", False),
        (b"\xcf\xfa\xed\xfe" + bytes(16), "darwin", "arm64", True),
        (b"\xcf\xfa\xed\xfe" + bytes(16), "linux", "x86_64", False),
        (b"MZ" + bytes(18), "linux", "x86_64", False),
        (b"#!/bin/sh\n", "linux", "x86_64", True),
        (b"", "linux", "x86_64", True),
    ],
)
def test_an_engine_for_another_system_is_none_that_the_client_finds(
    music: Project, monkeypatch: pytest.MonkeyPatch, content: bytes, system: str, machine: str, fits: bool
) -> None:
    """A copied folder brings one along: set-up then offers ours, as Checks does."""
    engine = music.root / "prisma-query-engine-of-somewhere"
    engine.write_bytes(content)
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert found_engine(music, {"HOME": str(music.root / "nobody")}) == (engine if fits else None)
