"""The four values: what is given replaces what was there, and no printed form holds a secret."""

import pytest

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

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
