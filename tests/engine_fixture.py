"""The schema engine for tests: installed from npm once for a session, and used by every home in it.

Import what you need into your own conftest: `from engine_fixture import engine, engine_folder  # noqa: F401`.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stores.prisma.engine import PrismaEngine
from stores.prisma.install import ENGINE_VARIABLE
from stores.prisma.node import find_node


@pytest.fixture(scope="session")
def engine_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of installed engines, exported for the tests' children too; an exported one is used as it is."""
    exported = os.environ.get(ENGINE_VARIABLE)
    folder = Path(exported) if exported else tmp_path_factory.mktemp("engine")
    patch = pytest.MonkeyPatch()
    patch.setenv(ENGINE_VARIABLE, str(folder))
    work = threading.Thread(target=lambda: asyncio.run(PrismaEngine(folder, find_node()).install()))
    work.start()  # a thread of its own: a session's fixture must not disturb the loop of the test that asks first
    work.join()
    yield folder
    patch.undo()


@pytest.fixture
def engine(engine_folder: Path) -> PrismaEngine:
    """An installed engine."""
    found = PrismaEngine(engine_folder, find_node())
    assert found.is_installed
    return found
