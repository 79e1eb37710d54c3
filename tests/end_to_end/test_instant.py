"""Cloud now, no account: the real command against small servers that answer as the vendors document, or worse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_neon_api import FakeNeon
from fake_upstash_api import FakeUpstash

from stores.postgres_url import PostgresUrl
from tests.conftest import Rest


@pytest.fixture
def neon(database_url: PostgresUrl) -> Iterator[FakeNeon]:
    with FakeNeon(database_url.reveal) as fake:
        yield fake


@pytest.fixture
def upstash(rest: Rest) -> Iterator[FakeUpstash]:
    with FakeUpstash(lambda: (str(rest.url), rest.token.reveal())) as fake:
        yield fake


@pytest.fixture
def cloud(desk, neon: FakeNeon, upstash: FakeUpstash):
    """A desk from which both vendors are reached."""
    desk.environ |= {"SOUNDCHECK_TEST_NEON": neon.url, "SOUNDCHECK_TEST_UPSTASH": upstash.url}
    return desk


def everything_but(desk, *allowed: Path) -> str:
    """All that was written, but the files that may hold secrets."""
    files = [p for p in [*desk.home.rglob("*"), *desk.project.rglob("*")] if p.is_file() and p not in allowed]
    return "\n".join(p.read_text("utf-8", "replace") for p in files if p.stat().st_size < 10**6)


def test_from_nothing_to_eleven_tables_in_the_cloud(cloud, neon: FakeNeon, upstash: FakeUpstash) -> None:
    done = cloud.run("setup", "--instant", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    order = [
        "at Neon (neon.new)",
        "100 MB",
        "at Upstash",
        "Both are gone after 72 hours",
        "asking for it",
        "Found 11 tables",
    ]
    at = [said.index(text) for text in order]
    assert at == sorted(at)
    assert "All 9 criteria are met." in said
    assert len(neon.posted(CLAIMABLE)) == len(upstash.posted(START)) == 1
