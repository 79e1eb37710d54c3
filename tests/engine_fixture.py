"""The schema engine for tests: installed from npm once for all workers, and used by every home of a session.

Import what you need into your own conftest: `from engine_fixture import engine, engine_folder  # noqa: F401`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.install import ENGINE_VARIABLE
from soundcheck.stores.prisma.node import find_node

T = TypeVar("T")


def run_aside(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread of its own: a fixture must not disturb the loop of the test that asks first."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def engine_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of installed engines, exported for the tests' children too; an exported one is used as it is."""
    exported = os.environ.get(ENGINE_VARIABLE)
    folder = Path(exported) if exported else tmp_path_factory.mktemp("engine")
    patch = pytest.MonkeyPatch()
    patch.setenv(ENGINE_VARIABLE, str(folder))
    if "PYTEST_XDIST_WORKER" in os.environ and not exported:  # npm takes seconds, a copy of 8 MB does not
        shared = tmp_path_factory.getbasetemp().parent / "engine"
        source = PrismaEngine(shared, find_node(), environ={**os.environ, ENGINE_VARIABLE: str(shared)})
        run_aside(source.install())
        shutil.copytree(source.folder, folder / source.folder.name, symlinks=True)
    run_aside(PrismaEngine(folder, find_node()).install())
    yield folder
    patch.undo()


@pytest.fixture
def engine(engine_folder: Path) -> PrismaEngine:
    """An installed engine."""
    found = PrismaEngine(engine_folder, find_node())
    assert found.is_installed
    return found
