"""Local stacks of their own for tests that break them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from engine_fixture import engine_folder  # noqa: F401
from tests_of_local_stack import run_aside

from soundcheck.stores.local.stack import LocalStack


@pytest.fixture(scope="session")
def broken_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack for tests to break; each brings it up first, whatever another left. Its path is an awkward one."""
    stack = LocalStack(tmp_path_factory.mktemp("Zoë's music") / "local")
    yield stack
    run_aside(stack.down())


@pytest.fixture
async def own_stack(tmp_path: Path) -> AsyncIterator[LocalStack]:
    """A stack for one test alone, not started."""
    stack = LocalStack(tmp_path / "local")
    yield stack
    await stack.down()
