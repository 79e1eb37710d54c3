"""Secrets of every shape, planted everywhere: none leaves in text, JSON, bundle or kept run; and the proof is real."""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import random
import re
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest

from soundcheck.checks.report.clean_proof import NotClean
from soundcheck.checks.report.redaction import Redactor
from soundcheck.screens.commands import doctor
from soundcheck.screens.options import add_common
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project import backups
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import MASK, Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from tests.checks.conftest import MakeServices
from tests.checks.test_redaction import ENCODINGS
from tests.fake_postgres import FakePostgres
from tests.fake_rest import FakeRest, error
from tests.own_git import git

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def shapes(seed: int) -> dict[str, str]:
    """One secret of each shape that people have."""
    dice = random.Random(seed)

    def some(letters: str, count: int) -> str:
        return "".join(dice.choice(letters) for _ in range(count))

    return {
        "neon": f"npg_{some(LETTERS, 16)}",
        "token": f"A{some(LETTERS, 24)}9a{some(LETTERS + '_-', 30)}=",
        "hex": some("0123456789abcdef", 32),
        "special": f"{some(LETTERS, 4)}@/:#%{some(LETTERS, 4)}'?&$ {some(LETTERS, 4)}".replace(" ", "+"),
        "letters": some("ghjkmnpqrstvwxyz", 12),
        "digits": some("123456789", 11),
        "unicode": f"Bärtige-Öse-{some(LETTERS, 6)}-✓é",
        "phrase": f"correct-{some('ghjk', 5)}-battery-{some('mnpq', 5)}",
        "jwt": f"eyJ{some(LETTERS, 16)}.eyJ{some(LETTERS, 24)}.{some(LETTERS, 20)}",
        "quoted": f'{some(LETTERS, 5)}\\"<{some(LETTERS, 5)}>',
        "old": f"old-{some(LETTERS, 14)}",
        "beside": f"beside-{some(LETTERS, 14)}",
    }


WRAPPED: dict[str, Callable[[str], str]] = {
    **ENCODINGS,
    "over two lines": lambda s: f"{s[: len(s) // 2]}\n    {s[len(s) // 2 :]}",
    "base64 in lines of mail": lambda s: "\r\n".join(re.findall(".{1,8}", base64.b64encode(s.encode()).decode())),
}


@dataclass
class Band:
    """A project in which everything leaks, and what has leaked."""

    services: Services
    secrets: dict[str, str]
    stdout: io.StringIO
    stderr: io.StringIO

    async def doctor(self, *words: str) -> str:
        """Run the command; all that it wrote."""
        parser = argparse.ArgumentParser()
        add_common(parser)
        doctor.configure(parser)
        self.stdout.seek(0)
        self.stdout.truncate()
        await doctor.run(parser.parse_args(words), self.services, self.stdout, self.stderr)
        return self.stdout.getvalue() + self.stderr.getvalue()

    def leaks(self, text: str) -> list[str]:
        """The shapes of which anything is found, in any encoding; looked for without the redactor."""
        together = re.sub(r"\s|\\r|\\n", "", text)
        return sorted(
            {
                f"{shape}, {how}"
                for shape, secret in self.secrets.items()
                for how, wrap in ENCODINGS.items()
                for needle in (core(secret, wrap),)
                if needle in text or needle in together
            }
        )


def core(secret: str, wrap: Callable[[str], str]) -> str:
    """The part of an encoded secret that is the secret's alone, without what the encoding puts around it."""
    around = wrap("")
    encoded = wrap(secret)
    start = 0
    while start < len(around) and around[start] == encoded[start]:
        start += 1
    end = 0
    while end < len(around) - start and around[-1 - end] == encoded[-1 - end]:
        end += 1
    inner = encoded[start : len(encoded) - end] if end else encoded[start:]
    return inner if len(inner) < 16 else inner[4:-4]


def plant(project: Project, secrets: dict[str, str], database: int, cache: int) -> tuple[Credentials, dict[str, str]]:
    """Put them into files, logs, backups, Git's history and the environment."""
    project.prepare_state()
    password = quote(secrets["special"], safe="")
    database_url = f"postgresql://singer:{password}@127.0.0.1:{database}/songs?sslmode=disable"
    old = f'DATABASE_URL="postgresql://singer:{secrets["old"]}@db.example.org/songs"\n'
    now = (
        f'DATABASE_URL="{database_url}"\nUPSTASH_REDIS_REST_URL="http://127.0.0.1:{cache}"\n'
        f'UPSTASH_REDIS_REST_TOKEN="{secrets["token"]}"\nMONGODB_URI="mongodb://root:{secrets["letters"]}@h/db"\n'
        f'JWT_SECRET="{secrets["jwt"]}"\nSESSION_TOKEN="{secrets["digits"]}"\nAPP_PASSWORD="{secrets["unicode"]}"\n'
        f"SMTP_PASSWORD='{secrets['quoted']}'\n"
    )
    git(project.root, "init", "-q")
    project.env_file.write_text(old)
    git(project.root, "add", "-f", ".env")
    git(project.root, "commit", "-qm", f"the password is {secrets['old']}")
    backups.keep(project.backups, project.env_file, old.encode(), now.encode())
    project.env_file.write_text(now)
    (project.root / ".env.local").write_text(f"API_KEY={secrets['beside']}\n")
    (project.root / "soundcheck.toml").write_text(f'# {secrets["token"]}\ndefault_profile = "default"\n')
    project.logs.mkdir(exist_ok=True)
    lines = [f"a line with {wrap(secret)} in it" for secret in secrets.values() for wrap in WRAPPED.values()]
    (project.logs / "soundcheck.log").write_text("\n".join(lines) + "\n")
    environ = {"PGPASSWORD": secrets["neon"], "STRIPE_SECRET": secrets["hex"], "REDIS_PASSWORD": secrets["phrase"]}
    found = Credentials(
        database_url=PostgresUrl.parse(database_url),
        rest_url=RestUrl("http", "127.0.0.1", cache),
        rest_token=Secret(secrets["token"]),
    )
    return found, environ


@pytest.fixture
async def band(project: Project, make_services: MakeServices) -> AsyncIterator[Band]:
    """Both servers echo every secret in every encoding."""
    secrets = shapes(1)
    echo = " | ".join(wrap(secret) for secret in secrets.values() for wrap in WRAPPED.values())
    refusal = f"no: {echo}".encode("utf-8", "replace").decode()
    async with FakePostgres(refusal) as postgres, FakeRest(lambda _: error(f"ERR {echo}")) as cache:
        found, environ = await asyncio.to_thread(plant, project, secrets, postgres.port, cache.port)
        services = make_services(found, environ=environ)
        schema = project.root / "schema.prisma"
        schema.write_text(
            f'datasource db {{\n  provider = "postgresql"\n  url = "postgres://u:{secrets["hex"]}@h/d"\n}}\n'
        )
        services = replace(services, project=replace(project, schema=schema)).using(found)
        yield Band(services, secrets, io.StringIO(), io.StringIO())
        await services.close()


async def test_nothing_leaves_in_any_form(band: Band, tmp_path: Path) -> None:
    assert band.leaks(" ".join(WRAPPED[how](secret) for secret in band.secrets.values() for how in WRAPPED))
    text = await band.doctor("--text")
    assert MASK in text
    assert len(text.splitlines()) <= 40
    assert band.leaks(text) == []
    document = await band.doctor("--json")
    assert json.loads(document)["kind"] == "doctor"
    assert MASK in document
    assert band.leaks(document) == []
    assert band.leaks(await band.doctor()) == []
    file = tmp_path / "report.zip"
    assert band.leaks(await band.doctor("--bundle", str(file))) == []
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {"log.txt", "report.json", "configuration.json", "soundcheck.toml", "schema.prisma"} <= set(members)
    found = {name: leaks for name, content in members.items() if (leaks := band.leaks(content))}
    assert found == {}
    assert members["log.txt"].count(MASK) > 200
    removed = {m["name"]: m["removed"] for m in json.loads(members["manifest.json"])["members"]}
    assert removed["log.txt"] >= len(band.secrets)
    assert "#" not in members["soundcheck.toml"], "comments stay at home"
    kept = "".join(path.read_text() for path in (band.services.project.state / "runs").iterdir())
    assert band.leaks(kept) == []
    for words in (("--history",), ("--history", "--json"), ("--compare", "previous", "last", "--json")):
        assert band.leaks(await band.doctor(*words)) == []


@pytest.mark.parametrize(
    "words", [("--text",), ("--json",), ("--bundle", "report.zip"), ("--bundle", "r.zip", "--json")]
)
async def test_with_the_scrubber_off_nothing_is_let_out(
    band: Band, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Redactor, "scrub", lambda _, text: text)
    monkeypatch.setattr(Redactor, "scrub_json", lambda _, value: value)
    quiet = [] if words[0] != "--bundle" else ["--json"]
    with pytest.raises(NotClean) as refused:
        await band.doctor(*words, *[w for w in quiet if w not in words])
    assert band.leaks(f"{refused.value.message} {refused.value.hint}") == []
    assert band.stdout.getvalue() == ""
    assert list(tmp_path.glob("*.zip")) == []
    runs = band.services.project.state / "runs"
    assert not runs.exists() or list(runs.iterdir()) == []


async def test_the_search_of_this_test_finds_what_is_let_out(band: Band, monkeypatch: pytest.MonkeyPatch) -> None:
    """With scrubber and proof both off, the leaks are seen: so that an empty list above means something."""
    monkeypatch.setattr(Redactor, "scrub", lambda _, text: text)
    monkeypatch.setattr(Redactor, "scrub_json", lambda _, value: value)
    monkeypatch.setattr(Redactor, "remains", lambda _, text: [])
    leaked = band.leaks(await band.doctor("--json"))
    assert len({leak.split(",")[0] for leak in leaked}) > 6
