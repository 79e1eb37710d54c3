"""`soundcheck setup --replace` with the real command: JSON as documented, and neither value anywhere in it."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from pathlib import Path

import jsonschema
import psycopg
import pytest
from psycopg import sql

from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret

SCHEMA = Path(__file__).parents[2] / "docs" / "json" / "replacement.schema.json"


@pytest.mark.parametrize("form", ["json", "plain"])
def test_a_rotated_password_is_written_told_and_never_shown(
    desk, rest, form: str, superuser_url: PostgresUrl, database_url: PostgresUrl
) -> None:
    old, new, role = "old/pass word", "new-pass@word", f"rotated_{secrets.token_hex(4)}"
    name = sql.Identifier(role)
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(old)))
        before = replace(database_url, user=role, password=Secret(old))
        after = replace(before, password=Secret(new))
        desk.env_file.write_text(
            f"DATABASE_URL={before.reveal()}\nUPSTASH_REDIS_REST_URL={rest.url}\n"
            f"UPSTASH_REDIS_REST_TOKEN={rest.token.reveal()}\n"
        )
        (desk.home / ".zsh_history").write_text(f": 1:0;psql {before.reveal()}\n")
        words = ("setup", "--replace", "database", "--database-url", "-", "--yes", *(["--json"] * (form == "json")))
        if form == "plain":  # production wants its name
            (desk.env_file.parent / "soundcheck.toml").write_text('[profiles.default]\nkind = "production"\n')
            words = (*words, "--production", database_url.database)
        early = desk.run(*words, stdin=after.reveal())
        assert early.returncode == 3
        assert before.reveal() in desk.env_file.read_text()

        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(new)))
        done = desk.run(*words, stdin=after.reveal())
        again = desk.run(*words, stdin=after.reveal())
        connection.execute(sql.SQL("DROP ROLE {}").format(name))
    assert done.returncode == 0, done.stdout + done.stderr
    assert after.reveal() in desk.env_file.read_text()
    assert again.returncode == 3
    assert "in use already" in again.stderr
    for ran in (early, done, again):
        for value in (old, new, before.reveal(), after.reveal(), "old%2Fpass%20word", "new-pass%40word"):
            assert value not in ran.stdout + ran.stderr
    if form == "json":
        for ran in (early, done, again):
            jsonschema.validate(json.loads(ran.stdout), json.loads(SCHEMA.read_text()))
        document = json.loads(done.stdout)
        assert document["old"]["state"] == "refused"
        assert document["kept_states_purged"] == 1
        assert [(one["place"], one["lines"]) for one in document["found"]] == [("history", [1])]
        assert not json.loads(early.stdout)["ok"]
    else:
        assert "The old password is refused, as it should be." in done.stdout
        assert ".zsh_history, line 1" in done.stdout
