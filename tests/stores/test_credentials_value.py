"""The four values: what is given replaces what was there, and no printed form holds a secret."""

import pytest

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.env.plan import values_to_write

POOLED = PostgresUrl.parse("postgresql://app:old-pw@ep-a-1-pooler.eu.aws.neon.tech/neondb?sslmode=require")
OTHER = PostgresUrl.parse("postgresql://app:new-pw@db.example.org/music")
REST = RestUrl.parse("https://fit-mole-1.upstash.io/")


def test_a_new_database_takes_the_old_direct_url_with_it() -> None:
    older = Credentials(POOLED, POOLED.direct(), REST, Secret("old-token"))
    assert Credentials(database_url=OTHER).over(older) == Credentials(OTHER, None, REST, Secret("old-token"))


def test_a_new_cache_leaves_the_database_alone() -> None:
    older = Credentials(POOLED, POOLED.direct(), REST, Secret("old-token"))
    newer = Credentials(rest_token=Secret("new-token"))
    assert newer.over(older) == Credentials(POOLED, POOLED.direct(), REST, Secret("new-token"))


def test_nothing_new_changes_nothing() -> None:
    older = Credentials(POOLED, None, REST, Secret("t"))
    assert Credentials().over(older) == older


def test_the_direct_url_is_derived_where_none_is_given() -> None:
    assert Credentials(POOLED).direct == POOLED.direct()
    assert list(Credentials(POOLED).as_env()) == ["DATABASE_URL", "DIRECT_URL"]


def test_no_printed_form_holds_a_secret() -> None:
    shown = repr(Credentials(POOLED, OTHER, REST, Secret("rest-token-1"))) + str(Credentials(POOLED).as_env())
    for secret in ("old-pw", "new-pw", "rest-token-1"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rediss://default:pw@fit-mole-1.upstash.io:6379", "scheme"),
        ("https://", "host"),
        ("https://user:pw@fit-mole-1.upstash.io", "userinfo"),
        ("https://fit-mole-1.upstash.io:port", "port"),
    ],
)
def test_what_is_no_rest_address_is_refused(text: str, code: str) -> None:
    with pytest.raises(UrlProblem) as problem:
        RestUrl.parse(text)
    assert problem.value.code == code
    assert "pw" not in problem.value.message


@pytest.mark.parametrize(
    ("direct", "follows"),
    [
        (None, True),
        ("postgresql://app:old-pw@ep-a-1.eu.aws.neon.tech/neondb?sslmode=require", True),
        ("postgresql://app:old-pw@ep-a-1.eu.aws.neon.tech:5432/neondb?sslmode=require", False),
        ("postgresql://app:old-pw@ep-a-1.eu.aws.neon.tech/neondb", True),
        ("postgresql://app:old-pw@ep-a-1.eu.aws.neon.tech/neondb?sslmode=require&connection_limit=5", True),
        ("postgresql://app:new-pw@ep-a-1.eu.aws.neon.tech/neondb?sslmode=require", False),
        ("postgresql://other:old-pw@ep-a-1.eu.aws.neon.tech/neondb?sslmode=require", False),
        ("postgresql://app:old-pw@ep-a-1.eu.aws.neon.tech/other?sslmode=require", False),
        ("postgresql://app:old-pw@ep-b-2.eu.aws.neon.tech/neondb?sslmode=require", False),
        ("postgresql://app:old-pw@ep-a-1.eu.aws.neon.tech/neondb?sslmode=verify-full", False),
        ("postgresql://app:old-pw@ep-a-1-pooler.eu.aws.neon.tech/neondb?sslmode=require", False),
    ],
)
@pytest.mark.parametrize("more", ["", "&connection_limit=100", "&pgbouncer=true&pool_timeout=20"])
def test_a_direct_url_follows_while_it_is_what_would_be_derived(direct: str | None, follows: bool, more: str) -> None:
    url = PostgresUrl.parse(POOLED.reveal() + more)
    held = Credentials(url, PostgresUrl.parse(direct) if direct else None)
    assert held.direct_follows is follows


@pytest.mark.parametrize("host", ["127.0.0.1:5432", "db.example.org", "ep-a-1-pooler.eu.aws.neon.tech"])
def test_what_set_up_writes_for_both_follows(host: str) -> None:
    written = values_to_write(Credentials(PostgresUrl.parse(f"postgresql://app:pw@{host}/music")), local=False,
                              connection_limit=100)  # fmt: skip
    urls = [PostgresUrl.parse(written[name].reveal()) for name in ("DATABASE_URL", "DIRECT_URL")]
    assert Credentials(*urls).direct_follows
