"""Both vendors on loopback, which hand out this session's own database and cache.

Import into your own conftest: `from cloud_fixture import cloud_environ, neon, upstash  # noqa: F401`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_neon_api import FakeNeon
from fake_upstash_api import FakeUpstash

from soundcheck.stores.postgres.url import PostgresUrl
from tests.conftest import Rest


@pytest.fixture
def neon(database_url: PostgresUrl) -> Iterator[FakeNeon]:
    """Neon, whose databases are this test's."""
    with FakeNeon(database_url.reveal) as fake:
        yield fake


@pytest.fixture
def upstash(rest: Rest) -> Iterator[FakeUpstash]:
    """Upstash, whose databases are this session's cache."""
    with FakeUpstash(lambda: (str(rest.url), rest.token.reveal())) as fake:
        yield fake


@pytest.fixture
def cloud_environ(neon: FakeNeon, upstash: FakeUpstash) -> dict[str, str]:
    """The variables by which both are reached instead of the real ones."""
    return {"SOUNDCHECK_TEST_NEON": neon.url, "SOUNDCHECK_TEST_UPSTASH": upstash.url}
