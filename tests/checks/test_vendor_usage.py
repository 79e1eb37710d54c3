"""The vendors' own figures: with a key of the user's, from an interface that answers as documented, and otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import fake_neon_api
import fake_upstash_api
import pytest
from fake_neon_api import FakeNeon
from fake_upstash_api import FakeUpstash
from fake_vendor import HTML, Asked, FakeVendor, Told

from soundcheck.checks.cache.vendor_usage import vendor_usage
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl

HOST = "ep-cool-lake-1234-pooler.us-east-2.aws.neon.tech"
NEON = PostgresUrl.parse(f"postgresql://owner:pw-of-a-test@{HOST}/neondb?sslmode=require")
UPSTASH = RestUrl.parse("https://loyal-fox-1.upstash.io")


def computes(asked: Asked) -> Told | None:
    """Those of the projects, and what the second one used: our compute is there."""
    path = urlsplit(asked.path).path
    if path.endswith("/endpoints"):
        host = HOST.replace("-pooler", "") if "/p-2/" in path else "ep-other-1.us-east-2.aws.neon.tech"
        return Told({"endpoints": [{"id": "ep", "host": host}]})
    if path == f"{fake_neon_api.PROJECTS}/p-2":
        used = {"compute_time_seconds": 36_000, "synthetic_storage_size": 50_000_000, "data_transfer_bytes": 4096}
        return Told({"project": {"id": "p-2", **used}})
    return None


@pytest.fixture
def neon() -> Iterator[FakeNeon]:
    """Two projects."""
    with FakeNeon(lambda: NEON.reveal(), first=computes) as fake:
        fake.projects = [{"id": f"p-{number}", "name": "music", "region_id": "aws-us-east-2"} for number in (1, 2)]
        fake.addresses = {"p-1": "", "p-2": ""}
        yield fake


@pytest.fixture
def upstash() -> Iterator[FakeUpstash]:
    with FakeUpstash(lambda: ("", "")) as fake:
        fake.databases = [
            {"database_id": "d-1", "database_name": "other", "endpoint": "other-1", "state": "active"},
            {"database_id": "d-2", "database_name": "music", "endpoint": "loyal-fox-1", "state": "active"},
        ]
        yield fake


@pytest.fixture
def services(project: Project, neon: FakeVendor, upstash: FakeVendor) -> Services:
    environ = {
        "SOUNDCHECK_TEST_NEON": neon.url,
        "SOUNDCHECK_TEST_UPSTASH": upstash.url,
        "NEON_API_KEY": fake_neon_api.KEY,
        "UPSTASH_EMAIL": fake_upstash_api.EMAIL,
        "UPSTASH_API_KEY": fake_upstash_api.KEY,
    }
    credentials = Credentials(NEON, None, UPSTASH, Secret("token-of-a-test"))
    return Services(project, SystemClock(), SystemResolver(), credentials, environ=environ)


async def test_both_vendors_figures_stand_against_their_free_plans(services: Services) -> None:
    upstash, neon = await vendor_usage(services)
    assert {one.name: (one.used, one.of) for one in upstash.figures} == {
        "commands this month": (1234, 500_000),
        "today": (56, None),
        "stored": (789, 268_435_456),
    }
    assert "commands this month 1,234 of 500,000, 0%" in upstash.words
    assert {one.name: one.used for one in neon.figures} == {
        "stored": 50_000_000,
        "compute time": 36_000,
        "transfer": 4096,
    }
    assert "stored 50.0 MB of 500.0 MB, 10%" in neon.words
    assert "compute time 10.0 h of 100.0 h, 10%" in neon.words


async def test_an_organisations_key_finds_its_project(services: Services, neon: FakeNeon) -> None:
    neon.orgs = ["org-1"]
    assert (await vendor_usage(services))[1].figures


async def test_a_database_of_another_account_is_said(services: Services, upstash: FakeUpstash) -> None:
    upstash.databases.pop()
    assert "has no database at loyal-fox-1.upstash.io" in (await vendor_usage(services))[0].words


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (HTML, "an HTML page"),
        (Told("Unauthorized", 401, "text/plain"), "does not accept the key"),
        (Told({"half": "an answer"}), "half an answer"),
        (Told([{"database_id": "d-2"}], cut=True), "cut before its answer was complete"),
        (Told("", 429, headers={"Retry-After": "90"}), "Try again in 90 s"),
        (Told("oops", 502), "HTTP 502"),
    ],
)
async def test_what_is_no_answer_is_told_in_words(
    services: Services, upstash: FakeUpstash, neon: FakeNeon, told: Any, says: str
) -> None:
    upstash.instead = [told]
    neon.instead = [told]
    for usage in await vendor_usage(services):
        assert not usage.figures
        assert says in usage.words
        assert fake_upstash_api.KEY not in usage.words
        assert fake_neon_api.KEY not in usage.words


async def test_a_usage_without_figures_is_no_zero(services: Services, upstash: FakeUpstash) -> None:
    upstash.instead = [Told(upstash.databases), Told({})]
    usage = (await vendor_usage(services))[0]
    assert (usage.figures, usage.words) == ((), "it answered without figures.")
