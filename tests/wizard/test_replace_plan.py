"""What each value becomes with another credential: its own form stays, the pooler and the parameters too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.replace.pasted_credential import read_given
from soundcheck.wizard.replace.plan import CredentialExchange, plan_files

POOLED = PostgresUrl.parse("postgresql://app:old-pw@ep-x-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require")
DIRECT = POOLED.direct()
RESET = replace(POOLED, password=Secret("new/pw"))
OTHER = PostgresUrl.parse("postgresql://me:other-pw@ep-y.us-east-1.aws.neon.tech/theirs?sslmode=verify-full")
SAME = CredentialExchange(Half.DATABASE, Credentials(POOLED), Credentials(RESET))
ELSEWHERE = CredentialExchange(Half.DATABASE, Credentials(POOLED), Credentials(OTHER))


@pytest.mark.parametrize("given", [RESET, RESET.direct()])
def test_a_pooled_address_stays_pooled_and_a_direct_one_direct(given: PostgresUrl) -> None:
    exchange = replace(SAME, new=Credentials(given))
    assert exchange.same_place
    for name in ("DATABASE_URL", "POSTGRES_PRISMA_URL"):
        assert exchange.in_place_of(name, POOLED.reveal()) == RESET.reveal()
    for name in ("DATABASE_URL", "DIRECT_URL", "DATABASE_URL_UNPOOLED"):
        assert exchange.in_place_of(name, DIRECT.reveal()) == RESET.direct().reveal()


def test_parameters_and_another_database_of_the_same_role_stay() -> None:
    url = replace(POOLED, database="shadow").with_params({"connection_limit": "9"})
    assert SAME.in_place_of("SHADOW_DATABASE_URL", url.reveal()) == replace(url, password=Secret("new/pw")).reveal()


def test_another_server_takes_its_own_database_and_its_sslmode() -> None:
    url = POOLED.with_params({"connection_limit": "9"})
    assert ELSEWHERE.in_place_of("DATABASE_URL", url.reveal()) == (
        "postgresql://me:other-pw@ep-y-pooler.us-east-1.aws.neon.tech/theirs?sslmode=verify-full&connection_limit=9"
    )
    assert not ELSEWHERE.same_place


def test_a_bare_password_changes_only_where_the_rest_beside_it_stays_right() -> None:
    assert SAME.in_place_of("PGPASSWORD", "old-pw") == "new/pw"
    assert ELSEWHERE.in_place_of("PGPASSWORD", "old-pw") is None


@pytest.mark.parametrize(
    "value",
    ["", "old", "my old-pw too", "mongodb://app:old-pw@h/db", "postgresql://app:old-pw@elsewhere/neondb",
     "postgresql://app:mine@ep-x.eu-central-1.aws.neon.tech/neondb"],
)  # fmt: skip
def test_what_is_not_this_credential_is_left(value: str) -> None:
    assert SAME.in_place_of("DATABASE_URL", value) is None


def test_a_token_and_its_address() -> None:
    old = Credentials(rest_url=RestUrl.parse("https://a.upstash.io"), rest_token=Secret("old-token"))
    new = Credentials(rest_url=RestUrl.parse("https://b.upstash.io"), rest_token=Secret("new-token"))
    exchange = CredentialExchange(Half.CACHE, old, new)
    assert exchange.in_place_of("KV_REST_API_TOKEN", "old-token") == "new-token"
    assert exchange.in_place_of("UPSTASH_REDIS_REST_URL", "https://a.upstash.io") == "https://b.upstash.io"
    assert exchange.in_place_of("OTHER_URL", "https://a.upstash.io") is None
    assert not CredentialExchange(Half.CACHE, old, replace(old)).changes


def test_a_value_that_is_built_from_another_changes_with_it_and_a_link_is_left(project: Project) -> None:
    env = project.root / ".env"
    env.write_text(f'DATABASE_URL="{POOLED.reveal()}"\nDIRECT_URL="${{DATABASE_URL}}"\n')
    real = project.root / "shared.env"
    real.write_text(f"DATABASE_URL={POOLED.reveal()}\n")
    (project.root / ".env.local").symlink_to(real)
    files, left = plan_files(project, SAME)
    assert [(file.shown, file.names) for file in files] == [(".env", ("DATABASE_URL",))]
    assert b'DIRECT_URL="${DATABASE_URL}"\n' in files[0].after
    assert [one.shown for one in left] == [".env.local"]
    assert "old-pw" not in repr(files) + repr(left)
    assert "new/pw" not in repr(files)


def test_a_token_by_itself_is_the_token_and_an_address_by_itself_is_not() -> None:
    assert read_given(Half.CACHE, Secret(" a-short-token \n")).credentials.rest_token == Secret("a-short-token")
    for pasted in ("https://a.upstash.io", POOLED.reveal(), "two words", "", "https://console.upstash.com"):
        assert not read_given(Half.CACHE, Secret(pasted)).is_complete
    assert not read_given(Half.DATABASE, Secret("npg_password")).is_complete


def test_the_address_of_the_cache_is_not_said_to_be_missing_where_the_one_in_use_stays() -> None:
    assert read_given(Half.CACHE, Secret("UPSTASH_REDIS_REST_TOKEN=abc")).findings == ()
    nothing = read_given(Half.DATABASE, Secret("npg_password")).findings
    assert "is a database address" in nothing[0].message


@pytest.mark.parametrize("user", ["default", ""])
def test_upstashs_address_for_tcp_takes_the_new_token(user: str) -> None:
    old = Credentials(rest_url=RestUrl.parse("https://a.upstash.io"), rest_token=Secret("old/token"))
    new = Credentials(rest_url=RestUrl.parse("https://b.upstash.io"), rest_token=Secret("new@token"))
    exchange = CredentialExchange(Half.CACHE, old, new)
    address = "rediss://{}:{}@{}.upstash.io:6379/0"
    assert exchange.in_place_of("KV_URL", address.format(user, "old%2Ftoken", "a")) == (
        address.format(user, "new%40token", "b")
    )
    assert exchange.in_place_of("KV_URL", address.format(user, "other", "a")) is None
    assert exchange.in_place_of("KV_URL", address.format(user, "old%2Ftoken", "c")) is None
    assert exchange.in_place_of("KV_REST_API_URL", "https://a.upstash.io") == "https://b.upstash.io"


def test_another_server_is_not_asked_for_what_the_old_one_wanted() -> None:
    local = PostgresUrl.parse("postgresql://me:pw@127.0.0.1:5432/app")
    url = POOLED.with_params({"channel_binding": "require", "connect_timeout": "9"})
    exchange = CredentialExchange(Half.DATABASE, Credentials(POOLED), Credentials(local))
    assert exchange.in_place_of("POSTGRES_URL", url.reveal()) == f"{local.reveal()}?connect_timeout=9"
