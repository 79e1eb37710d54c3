"""What a file holds is found under the names of the vendors' own tools; what cannot be read is never called absent."""

from __future__ import annotations

import pytest

from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import Source, discover
from soundcheck.wizard.no_store import no_store

POOLED = "postgresql://app:pw123456@ep-a-1-pooler.us-east-2.aws.neon.tech/neondb?sslmode=require"
DIRECT = POOLED.replace("-pooler", "")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"DATABASE_URL={POOLED}\nDATABASE_URL_UNPOOLED={DIRECT}\n", {DATABASE_URL, DIRECT_URL}),
        (f"NEON_DATABASE_URL={POOLED}\n", {DATABASE_URL}),
        (f"POSTGRES_URL={POOLED}\nPOSTGRES_URL_NON_POOLING={DIRECT}\n", {DATABASE_URL, DIRECT_URL}),
        ("KV_REST_API_URL=https://a-1.upstash.io\nKV_REST_API_TOKEN=AXdz\n", {REST_URL, REST_TOKEN}),
        (f"DATABASE_URL={POOLED}\nDIRECT_URL={DIRECT}\nDATABASE_URL_UNPOOLED=x\n", {DATABASE_URL, DIRECT_URL}),
    ],
)
def test_a_file_of_a_vendors_own_tool_is_recognised(project: Project, text: str, found: set[str]) -> None:
    project.env_file.write_text(text)
    there = discover(project, {})
    assert set(there.sources) == found
    assert set(there.sources.values()) == {Source.FILE}
    if there.credentials.direct_url is not None:
        assert there.credentials.direct_url.reveal() == DIRECT
    assert bool(there.mended) is ("DIRECT_URL=" not in text)
    assert "pw123456" not in repr(there)


def test_what_is_exported_under_its_own_name_comes_before_another_name_in_the_file(project: Project) -> None:
    project.env_file.write_text(f"POSTGRES_URL={POOLED}\n")
    assert (
        discover(project, {DATABASE_URL: DIRECT}).credentials.database_url
        == discover(project, {DATABASE_URL: DIRECT, "OTHER": "1"}).credentials.database_url
    )
    assert discover(project, {DATABASE_URL: DIRECT}).sources[DATABASE_URL] is Source.ENVIRONMENT


@pytest.mark.parametrize(
    ("content", "database", "cache"),
    [
        (None, "No database is set up here.", "No cache is set up here."),
        (b"", "No database is set up here.", "No cache is set up here."),
        (b'DATABASE_URL="postgresql://u:p@h/d\n', "cannot be read", "cannot be read"),
        ("DATABASE_URL=x".encode("utf-16"), "cannot be read", "cannot be read"),
        (b"DATABASE_URL=mysql://u:p@h/d\n", "DATABASE_URL is there and cannot be used", "No cache is set up here."),
        (b"UPSTASH_REDIS_REST_URL=https://a-1.upstash.io\n", "No database is set up here.", "holds no UPSTASH_REDIS"),
    ],
)
def test_what_is_there_and_cannot_be_read_is_not_called_absent(
    project: Project, content: bytes | None, database: str, cache: str
) -> None:
    if content is not None:
        project.env_file.write_bytes(content)
    services = Services(project, SystemClock(), SystemResolver())
    for what, words in (("database", database), ("cache", cache)):
        problem = no_store(services, what, "Press 1 for Setup.")
        assert words in problem.message
        assert problem.hint
