"""What set-up and seed do not do without a name, by the real command: exit code 3, the name said, nothing written."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import psycopg
import pytest
from nameless_address import Nameless, nameless  # noqa: F401

from soundcheck.stores.postgres.url import PostgresUrl

PRODUCTION = '[profiles.default]\nkind = "production"\n'
Exported = Callable[[], dict[str, str]]


def tables(url: PostgresUrl) -> int:
    with psycopg.connect(url.reveal()) as connection:
        return len(connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public'").fetchall())


@pytest.mark.parametrize("kind", ["production", "unknown"])
def test_an_address_without_a_database_asks_for_the_name_that_it_means(
    equipped,
    exported: Exported,
    nameless: Nameless,  # noqa: F811
    kind: str,
) -> None:
    (equipped.project / "soundcheck.toml").write_text(PRODUCTION if kind == "production" else "")
    values = {**exported(), "DATABASE_URL": nameless.text}
    del values["DIRECT_URL"]
    option = f"--production {shlex.quote(nameless.name)}"
    consent = ("--production", nameless.name) if kind == "production" else ()
    for given in ((), ("--production", ""), ("--production", " ")) if kind == "production" else ():
        refused = equipped.run("setup", "--from-env", "--yes", *given, **values)
        assert refused.returncode == 3, refused.stdout + refused.stderr
        assert option in refused.stderr
        assert tables(nameless.url) == 0
    done = equipped.run("setup", "--from-env", "--yes", *consent, **values)
    assert done.returncode == 0, done.stdout + done.stderr
    assert tables(nameless.url) == 11
    assert PostgresUrl.parse(_value(equipped.env_file.read_text())).database == nameless.name
    assert f"/{nameless.url.reveal().rpartition('/')[2].partition('?')[0]}" in _value(equipped.env_file.read_text())
    for given in ((), ("--production", ""), ("--production", " ")):
        refused = equipped.run("seed", "--users", "2", *given)
        assert refused.returncode == 3, refused.stdout + refused.stderr
        assert option in refused.stderr
    for words in (("seed", "--users", "2"), ("seed", "--remove")):
        assert equipped.run(*words, "--production", nameless.name).returncode == 0
    refused = equipped.run("remove", "--yes", "--only", "env")
    assert refused.returncode == 3
    assert option in refused.stderr
    assert equipped.run("remove", "--yes", "--only", "env", "--production", nameless.name).returncode == 0


def _value(text: str) -> str:
    return text.partition('DATABASE_URL="')[2].partition('"')[0]


def test_uniqueness_goes_only_with_the_index_s_name(equipped, exported: Exported, database_url: PostgresUrl) -> None:
    (equipped.project / "soundcheck.toml").write_text('[profiles.default]\nkind = "dev"\n')
    assert equipped.run("setup", "--from-env", "--yes", **exported()).returncode == 0
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        connection.execute('DROP INDEX "playlists_isPublic_idx"')
        connection.execute('CREATE UNIQUE INDEX "playlists_isPublic_idx" ON playlists ("isPublic")')
        unique = "SELECT indisunique FROM pg_index WHERE indexrelid = '\"playlists_isPublic_idx\"'::regclass"
        refused = equipped.run("setup", "--yes")
        assert refused.returncode == 3, refused.stdout + refused.stderr
        assert "--accept-data-loss index:playlists_isPublic_idx" in refused.stderr
        assert "loses uniqueness" in refused.stdout
        assert connection.execute(unique).fetchall() == [(True,)]
        done = equipped.run("setup", "--yes", "--accept-data-loss", "index:playlists_isPublic_idx")
        assert done.returncode == 0, done.stdout + done.stderr
        assert connection.execute(unique).fetchall() == [(False,)]
