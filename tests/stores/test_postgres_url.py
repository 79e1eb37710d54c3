"""Connection URLs: read strictly, printed masked, edited by their parts."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.postgres.settings import libpq_settings, node_settings
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import MASK, Secret

NEON = "postgresql://app:s3cret@ep-cool-darkness-123456-pooler.c-2.us-east-2.aws.neon.tech/neondb?sslmode=require&channel_binding=require"
TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=30)


@given(user=TEXTS, password=TEXTS, database=TEXTS.filter(lambda d: "/" not in d and d.strip()))
def test_what_is_rendered_reads_back_the_same(user: str, password: str, database: str) -> None:
    url = PostgresUrl(user, Secret(password), "db.example.org", 6543, database, (("sslmode", "require"),))
    assert PostgresUrl.parse(url.reveal()) == url


@given(TEXTS.filter(lambda p: len(p) > 5 and not any(p in fixed for fixed in (NEON, MASK, PostgresUrl.__name__))))
def test_no_printed_form_holds_the_password(password: str) -> None:
    url = PostgresUrl("app", Secret(password), "db.example.org", None, "music", (("sslpassword", password),))
    for shown in (str(url), repr(url), url.masked(), repr(Secret(url.reveal())), f"{url}"):
        assert password not in shown
    assert url.secrets() == (Secret(password), Secret(password))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("postgresql://u:p/w@h/db", "userinfo"),
        ("postgresql://u:p@ss@h/db", "userinfo"),
        ("postgresql://u:p#x@h/db", "userinfo"),
        ("postgresql://u:p?x@h/db", "userinfo"),
        ("postgresql://u:a:b@h/db", "userinfo"),
        ("postgresql://u:%zz@h/db", "percent"),
        ("postgresql://u:p@h:port/db", "port"),
        ("postgresql://u:p@h:0/db", "port"),
        ("postgresql://u:p@h:99999/db", "port"),
        ("postgresql:///db", "host"),
        ("mysql://u:p@h/db", "scheme"),
        ("postgresql+psycopg://u:p@h/db", "scheme"),
        (" postgresql://u:p@h/db", "whitespace"),
        ("postgresql://u:p w@h/db", "whitespace"),
    ],
)
def test_what_libpq_would_misread_is_refused_without_echoing_it(text: str, code: str) -> None:
    with pytest.raises(UrlProblem) as problem:
        PostgresUrl.parse(text)
    assert problem.value.code == code
    assert "p@ss" not in str(problem.value)


def test_direct_and_pooled_differ_in_the_first_label_alone() -> None:
    pooled = PostgresUrl.parse(NEON)
    assert pooled.is_pooled
    direct = pooled.direct()
    assert direct.host == "ep-cool-darkness-123456.c-2.us-east-2.aws.neon.tech"
    assert direct.params == pooled.params
    assert direct.pooled() == pooled
    assert direct.direct() == direct


def test_other_hosts_have_no_pooler_to_derive() -> None:
    url = PostgresUrl.parse("postgresql://u:p@db-pooler.example.org/music")
    assert not url.is_pooled
    assert url.direct() == url == url.pooled()


def test_parameters_are_set_in_place_appended_or_removed() -> None:
    url = PostgresUrl.parse(NEON).with_params(
        {"sslmode": "verify-full", "channel_binding": None, "connection_limit": "100"}
    )
    assert url.params == (("sslmode", "verify-full"), ("connection_limit", "100"))


def test_the_last_of_two_equal_parameters_counts() -> None:
    assert PostgresUrl.parse("postgresql://u@h/d?sslmode=disable&sslmode=require").param("sslmode") == "require"


@pytest.mark.parametrize(
    ("text", "database"),
    [
        ("postgresql://app:pw@h", "app"),
        ("postgresql://app:pw@h/", "app"),
        ("postgresql://app:pw@h:6432/?sslmode=require", "app"),
        ("postgresql://app:pw@h?sslmode=require", "app"),
        ("postgresql://my%20app:pw@h/", "my app"),
        ("postgresql://caf%C3%A9:pw@h/", "café"),
        ("postgresql://a%2Fb%25:pw@h/", "a/b%"),
        ("postgresql://h/?user=app", "app"),
        ("postgresql://app:pw@h/?dbname=music", "music"),
        ("postgresql://h?user=app&dbname=my%20music", "my music"),
        ("postgresql://app:pw@h/music?dbname=music", "music"),
        ("postgresql://app:pw@h/music?dbname=", "music"),
        ("postgresql://h/music", "music"),
    ],
)
def test_an_address_always_names_its_database(text: str, database: str) -> None:
    url = PostgresUrl.parse(text)
    assert url.database == database
    assert url.param("dbname") is None
    written = url.reveal()
    assert f"/{quote(database, safe='')}" in written
    assert f"/{quote(database, safe='')}" in url.masked()
    assert PostgresUrl.parse(written) == url
    settings = libpq_settings(url)
    assert (settings["dbname"], settings.get("user")) == (database, url.user or None)
    assert node_settings(url).database == database


@pytest.mark.parametrize(
    "text",
    ["postgresql://h", "postgresql://h:5432/", "postgresql://:pw@h/", "postgresql://h/%20", "postgresql://h/?user="],
)
def test_an_address_that_names_neither_database_nor_user_is_none(text: str) -> None:
    with pytest.raises(UrlProblem) as refused:
        PostgresUrl.parse(text)
    assert refused.value.code == "database"


def test_an_address_that_names_two_databases_is_none() -> None:
    """libpq would take the second, Prisma the first."""
    with pytest.raises(UrlProblem, match="two databases"):
        PostgresUrl.parse("postgresql://app:pw@h/music?dbname=other")


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_the_name_cannot_be_taken_away(name: str) -> None:
    with pytest.raises(UrlProblem):
        replace(PostgresUrl.parse("postgresql://app:pw@h/music"), database=name)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("sslmode=require&channel_binding=require", "sslmode=require&channel_binding=require"),
        ("schema=music&connection_limit=5", "schema=music&connection_limit=5"),
        ("options=-c%20app.key%3Dhunter2", f"options={MASK}"),
        ("sslpassword=hunter2", f"sslpassword={MASK}"),
        ("OPTIONS=hunter2", f"OPTIONS={MASK}"),
        ("x=hunter2", f"x={MASK}"),
        ("sslmode=require&session_key=hunter2", f"sslmode=require&session_key={MASK}"),
    ],
)
def test_a_parameter_that_nobody_knows_is_masked(query: str, shown: str) -> None:
    url = PostgresUrl.parse(f"postgresql://u:p@h/d?{query}")
    assert url.masked().endswith(f"?{shown}")
    hidden = [secret.reveal() for secret in url.secrets() if "hunter2" in secret.reveal()]
    assert bool(hidden) is ("hunter2" in query)
