"""A Python backend for tests: an environment of its own, with or without prisma, and a client generated once.

Import what you need into your own module, with the fixtures it rests on: `engine_folder`, `eleven_template` and
`eleven_url`.
"""

from __future__ import annotations

import compileall
import os
import shutil
import site
import venv
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from engine_fixture import run_aside

from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.client import generate_client
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.prisma.query_engine import QueryEngine
from soundcheck.stores.prisma.schema_text import packaged_schema
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.trust import trust_all


def make_environment(folder: Path, *, with_prisma: bool = True) -> Path:
    """A virtual environment in `folder`, made offline; prisma comes into it from ours. Its interpreter."""
    venv.EnvBuilder(symlinks=True).create(folder)
    if with_prisma:
        packages = next(folder.glob("lib/python3*/site-packages"))
        (packages / "ours.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def query_engine(engine_folder: Path) -> QueryEngine:
    """An installed stand-in for Prisma's query engine."""
    found = QueryEngine(engine_folder, find_node())
    run_aside(found.install())
    return found


@pytest.fixture(scope="session")
def music_client(engine_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's folder with our schema and its generated client, to be copied and not to be changed."""
    root = tmp_path_factory.mktemp("music-client")
    (root / "prisma").mkdir()
    shutil.copyfile(packaged_schema(), root / "prisma" / "schema.prisma")
    engine = PrismaEngine(engine_folder, find_node())
    run_aside(generate_client(engine, root / "prisma" / "schema.prisma", root))
    compileall.compile_dir(root / "prisma_client", quiet=2)  # once for all who copy it: their children write none
    return root


MakeBackend = Callable[..., Services]


@pytest.fixture
def backend(project: Project, music_client: Path, eleven_url: PostgresUrl) -> MakeBackend:
    """Services over a project with the eleven tables, a client, and an environment of its own."""

    def make(environ: Mapping[str, str] | None = None, *, with_prisma: bool = True, trusted: bool = True) -> Services:
        shutil.copytree(music_client, project.root, dirs_exist_ok=True)
        make_environment(project.root / ".venv", with_prisma=with_prisma)
        (project.root / "main.py").write_text("")
        here = replace(project, schema=project.root / "prisma" / "schema.prisma")
        bare = {"HOME": str(project.home), "PATH": os.environ["PATH"], **(environ or {})}
        credentials = Credentials(database_url=eleven_url)
        if trusted:
            trust_all(here, bare)
        return Services(here, SystemClock(), SystemResolver(), credentials, environ=bare)

    return make
