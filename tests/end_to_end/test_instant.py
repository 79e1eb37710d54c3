"""Cloud now, no account: the real command against small servers that answer as the vendors document, or worse."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from fake_neon_api import CLAIMABLE, KEY, FakeNeon
from fake_upstash_api import EMAIL, START, FakeUpstash
from fake_upstash_api import KEY as UPSTASH_KEY
from fake_vendor import Told

from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from tests.conftest import Rest

DOCS = Path(__file__).parents[2] / "docs" / "json"


@pytest.fixture
def cloud(desk, cloud_environ: dict[str, str]):
    """A desk from which both vendors are reached."""
    desk.environ |= cloud_environ
    return desk


@pytest.fixture
def equipped_cloud(cloud, equipped):
    """The same, where the project has its client."""
    assert cloud is equipped
    return cloud


def secrets_of(neon: FakeNeon, upstash: FakeUpstash) -> list[str]:
    """Links and ids: whoever has one can take the store."""
    found = [one[name] for one in neon.made.values() for name in ("id", "claim_url")]
    return [*found, *upstash.made]


def written(folder: Path, *but: Path) -> str:
    """Everything that stands in a folder, but in the files named."""
    files = [path for path in folder.rglob("*") if path.is_file() and path not in but and ".git/" not in str(path)]
    return "\n".join(path.read_text("utf-8", "replace") for path in files if path.stat().st_size < 2**20)


def test_from_nothing_to_eleven_tables_in_the_cloud(cloud, neon: FakeNeon, upstash: FakeUpstash) -> None:
    done = cloud.run("setup", "--instant", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    order = ["at Neon (neon.new)", "100 MB", "at Upstash", "Both are gone after 72 hours", "asking for it"]
    at = [done.stdout.index(text) for text in [*order, "Found 11 tables", "Redis caching is ready!", "All 9 criteria"]]
    assert at == sorted(at)
    assert "claims --show-links" in done.stdout
    assert len(neon.posted(CLAIMABLE)) == len(upstash.posted(START)) == 1

    masked, shown = cloud.run("claims"), cloud.run("claims", "--show-links")
    plain, links = cloud.run("claims", "--json"), cloud.run("claims", "--json", "--show-links")
    link = next(iter(neon.made.values()))["claim_url"]
    assert link in shown.stdout
    assert json.loads(links.stdout)["stores"][0]["link"] == link
    schema = json.loads((DOCS / "claims.schema.json").read_text())
    for one in (plain, links):
        jsonschema.validate(json.loads(one.stdout), schema)
    assert [(s["state"], s["in_use"]) for s in json.loads(plain.stdout)["stores"]] == [("unclaimed", True)] * 2

    cloud.run("doctor", "--bundle", "bundle.zip")
    said = done.stdout + done.stderr + masked.stdout + masked.stderr + plain.stdout
    said += written(cloud.home, next(cloud.home.rglob("cloud.json"))) + written(cloud.project)
    for secret in secrets_of(neon, upstash):
        assert secret not in said

    before = cloud.env_file.read_bytes()
    again = cloud.run("setup", "--instant", "--yes")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Nothing is created in the cloud." in again.stdout
    assert cloud.env_file.read_bytes() == before
    assert len(neon.posted(CLAIMABLE)) == len(upstash.posted(START)) == 1


@pytest.mark.parametrize("words", [["setup", "--yes"], ["setup", "--yes", "--local-if-none", "--undo"], ["doctor"]])
def test_nothing_is_created_unless_it_was_said(cloud, neon: FakeNeon, upstash: FakeUpstash, words: list[str]) -> None:
    done = cloud.run(*words)
    assert done.returncode != 0
    assert neon.seen == upstash.seen == []


def test_killed_between_the_call_and_its_answer_no_second_one_is_made_unseen(
    equipped_cloud, neon: FakeNeon, upstash: FakeUpstash
) -> None:
    neon.instead, upstash.instead = [Told(hang=True)], [Told(hang=True)]
    with equipped_cloud.start("setup", "--instant", "--yes") as first:
        assert neon.came.wait(60)
        assert upstash.came.wait(60)
        first.send_signal(signal.SIGKILL)
    second = equipped_cloud.run("setup", "--instant", "--yes")
    assert second.returncode == 3, second.stdout
    assert "its answer was lost" in second.stderr
    assert "--again" in second.stderr
    assert len(neon.posted(CLAIMABLE)) == 1
    assert "answer was lost" in equipped_cloud.run("claims").stdout
    third = equipped_cloud.run("setup", "--instant", "--again", "--yes")
    assert third.returncode == 0, third.stdout + third.stderr
    assert (len(neon.made), len(upstash.made)) == (2, 1)


def test_killed_after_the_answer_the_same_ones_are_used(equipped_cloud, neon: FakeNeon, upstash: FakeUpstash) -> None:
    with equipped_cloud.start("setup", "--instant", "--yes") as first:
        assert first.stdout is not None
        for line in first.stdout:
            if line.strip().startswith("4/8"):
                first.send_signal(signal.SIGKILL)
                break
    done = equipped_cloud.run("setup", "--instant", "--yes", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    jsonschema.validate(json.loads(done.stdout), json.loads((DOCS / "setup.schema.json").read_text()))
    assert len(neon.posted(CLAIMABLE)) == len(upstash.posted(START)) == 1


def test_the_database_in_the_cloud_and_the_cache_on_this_machine(
    equipped_cloud, neon: FakeNeon, upstash: FakeUpstash
) -> None:
    done = equipped_cloud.run("setup", "--instant", "database", "--local", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (len(neon.made), upstash.seen) == (1, [])
    text = equipped_cloud.env_file.read_text()
    assert "the cache is the local stack's of this machine; start it with: " in text
    assert "# Temporary database (Neon)" in text
    assert "# Temporary cache" not in text


def test_own_keys_make_lasting_ones_and_stand_nowhere(equipped_cloud, neon: FakeNeon, upstash: FakeUpstash) -> None:
    words = ["--neon-api-key", "env:NEON_API_KEY", "--upstash-email", "env:EMAIL", "--upstash-api-key", "-"]
    handed = {"NEON_API_KEY": KEY, "EMAIL": EMAIL}
    unasked = equipped_cloud.run("setup", "--yes", *words, stdin=UPSTASH_KEY + "\n", **handed)
    assert (unasked.returncode, neon.seen, upstash.seen) == (2, [], [])
    done = equipped_cloud.run("setup", "--instant", "--yes", *words, stdin=UPSTASH_KEY + "\n", **handed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert neon.projects[0]["name"] == "music-streaming-app"
    assert upstash.databases[0]["database_name"] == "music-app-cache"
    assert "72 hours" not in done.stdout.partition("3/8")[2]
    assert "# Temporary" not in equipped_cloud.env_file.read_text()
    for key in (KEY, UPSTASH_KEY):
        assert key not in done.stdout + done.stderr + written(equipped_cloud.home) + written(equipped_cloud.project)
    literal = equipped_cloud.run("setup", "--instant", "--yes", "--neon-api-key", KEY)
    assert literal.returncode == 2
    assert KEY not in literal.stderr
    assert equipped_cloud.run("claims").stdout.startswith("No temporary store was made here.")


def test_an_ended_store_is_said_to_be_one_before_the_password_is(cloud, database_url: PostgresUrl, rest: Rest) -> None:
    ended = datetime.now(UTC) - timedelta(hours=1)
    wrong = replace(database_url, password=Secret("not-the-password"))
    cloud.env_file.write_text(
        f"# Temporary database (Neon), expires at {ended:%Y-%m-%d %H:%MZ} unless claimed: soundcheck claims\n"
        f'DATABASE_URL="{wrong.reveal()}"\n'
        f"UPSTASH_REDIS_REST_URL={rest.url}\nUPSTASH_REDIS_REST_TOKEN={rest.token.reveal()}\n"
    )
    cloud.env_file.chmod(0o600)
    verdict = json.loads(cloud.run("doctor", "--json").stdout)["verdict"]
    assert verdict["check"] == "database.claim"
    assert "expired, unclaimed" in verdict["sentence"]
    plain = cloud.run("doctor").stdout
    assert plain.index("expired, unclaimed") < plain.lower().index("password")
