"""What an option, a variable or a line of the env file holds is read and repaired by the paste box's own function."""

from __future__ import annotations

import argparse
import io

import pytest

from soundcheck.screens.opening import look_credentials
from soundcheck.screens.options import given_credentials
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret
from soundcheck.wizard.discover import discover, from_environment
from soundcheck.wizard.recognise.one_value import read_value
from soundcheck.wizard.recognise.recogniser import recognise_field

HOST = "db.example.org"
TOKEN = "AXdzASQgNTk4ZDI2ZWYtNjc4YS00ZjQ5"

ADDRESSES = {
    "as it is": (f"postgresql://app:pw123456@{HOST}/music", "pw123456"),
    "a colon": (f"postgresql://app:p:w@{HOST}/music", "p:w"),
    "a slash": (f"postgresql://app:p/w@{HOST}/music", "p/w"),
    "a hash": (f"postgresql://app:p#w@{HOST}/music", "p#w"),
    "an at": (f"postgresql://app:p@w@{HOST}/music", "p@w"),
    "a question mark": (f"postgresql://app:p?w@{HOST}/music", "p?w"),
    "a bracket": (f"postgresql://app:p[w@{HOST}/music", "p[w"),
    "brackets": (f"postgresql://app:p[w]x@{HOST}/music", "p[w]x"),
    "a bare percent": (f"postgresql://app:100%@{HOST}/music", "100%"),
    "a driver": (f"postgresql+asyncpg://app:pw123456@{HOST}/music", "pw123456"),
    "another driver": (f"postgres+psycopg2://app:pw123456@{HOST}/music", "pw123456"),
    "a driver's own scheme": (f"asyncpg://app:pw123456@{HOST}/music", "pw123456"),
    "jdbc": (f"jdbc:postgresql://{HOST}:5432/music?user=app&password=pw123456", "pw123456"),
    "the host among the parameters": (f"postgresql://app:pw123456@/music?host={HOST}&port=5432", "pw123456"),
    "everything among the parameters": (
        f"postgresql:///?host={HOST}&user=app&password=pw123456&dbname=music",
        "pw123456",
    ),
    "another host in its place": (f"postgresql://app:pw123456@localhost/music?host={HOST}", "pw123456"),
    "double quotes": (f'"postgresql://app:pw123456@{HOST}/music"', "pw123456"),
    "single quotes": (f"'postgresql://app:pw123456@{HOST}/music'", "pw123456"),
    "quotes in quotes": (f"\"'postgresql://app:pw123456@{HOST}/music'\"", "pw123456"),
    "its name before it": (f"DATABASE_URL=postgresql://app:pw123456@{HOST}/music", "pw123456"),
    "a command": (f"psql 'postgresql://app:pw123456@{HOST}/music'", "pw123456"),
    "keywords": (f"host={HOST} port=5432 user=app password='p w' dbname=music", "p w"),
    "keywords of .NET": (f"Host={HOST};Username=app;Password=pw123456;Database=music;SSL Mode=Require", "pw123456"),
}

AS_THEY_STAND = {"as it is", *(how for how in ADDRESSES if "among" in how or "in its place" in how)}
MENDED = ADDRESSES.keys() - AS_THEY_STAND

NAMED = {
    "a socket": ("postgresql://app:pw123456@/music?host=/var/run/postgresql", "socket"),
    "a socket of Cloud SQL": ("postgresql://app:pw123456@localhost/music?host=/cloudsql/a:b:c", "socket"),
    "an encoded socket": ("postgresql://app:pw123456@%2Fvar%2Frun%2Fpostgresql/music", "socket"),
    "several hosts": ("postgresql://app:pw123456@one:5432,two:5432/music", "several_hosts"),
    "several hosts among the parameters": ("postgresql://app:pw123456@/music?host=one,two", "several_hosts"),
    "a stand-in": (f"postgresql://app:[YOUR-PASSWORD]@{HOST}/music", "placeholder"),
    "another variable": ("${DATABASE_URL}", "placeholder"),
    "hidden": (f"postgresql://app:********@{HOST}:port/music", "masked_copy"),
    "another database": (f"mysql://app:pw123456@{HOST}/music", "other_database"),
}


@pytest.mark.parametrize("how", ADDRESSES)
@pytest.mark.parametrize("name", [DATABASE_URL, DIRECT_URL])
def test_an_address_is_understood_however_it_is_written(how: str, name: str) -> None:
    written, password = ADDRESSES[how]
    read = read_value(name, Secret(written))
    url = read.credentials.database_url if name == DATABASE_URL else read.credentials.direct_url
    assert url is not None
    assert (url.user, url.host, url.database) == ("app", HOST, "music")
    assert url.password == Secret(password)
    assert PostgresUrl.parse(url.reveal()) == url
    assert bool(read.mended) is (how in MENDED)
    pasted = recognise_field(name, written).credentials.direct
    assert pasted is not None
    assert pasted.with_params({"sslmode": None}) == url.with_params({"sslmode": None})
    assert password not in repr(read)


@pytest.mark.parametrize("how", NAMED)
def test_an_address_that_cannot_be_used_is_named(how: str) -> None:
    written, code = NAMED[how]
    read = read_value(DATABASE_URL, Secret(written))
    assert read.credentials.database_url is None
    assert read.problem is not None
    assert read.problem.code == code
    assert read.problem.cure
    assert "pw123456" not in repr(read)
    assert code in {one.code for one in recognise_field(DATABASE_URL, written).findings}


@pytest.mark.parametrize("how", ADDRESSES)
def test_every_way_in_reads_the_same(how: str, project: Project) -> None:
    """The option, the environment, the env file, and the address as the only word."""
    written, password = ADDRESSES[how]
    given = given_credentials(
        argparse.Namespace(database_url="env:ADDRESS"), {"ADDRESS": written}, io.StringIO()
    ).database_url
    exported = from_environment({DATABASE_URL: written}).credentials.database_url
    looked = look_credentials(written).database_url
    found = [given, exported, looked]
    if '"' not in written:
        project.env_file.write_text(f'DATABASE_URL="{written}"\n')
        found.append(discover(project, {}).credentials.database_url)
    assert [one and one.password for one in found] == [Secret(password)] * len(found)


@pytest.mark.parametrize("how", NAMED)
def test_every_way_in_names_the_same(how: str) -> None:
    written, _ = NAMED[how]
    problem = read_value(DATABASE_URL, Secret(written)).problem
    assert problem is not None
    told = from_environment({DATABASE_URL: written}).problems[DATABASE_URL]
    assert f"{told[0].upper()}{told[1:]}." == problem.message
    for way in (
        lambda: given_credentials(argparse.Namespace(database_url="-"), {}, io.StringIO(written + "\n")),
        lambda: look_credentials(written),
    ):
        with pytest.raises(UsageError) as refused:
            way()
        assert problem.message in refused.value.message
        assert "pw123456" not in refused.value.message


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        (TOKEN, ()),
        (f"Bearer {TOKEN}", ("bearer_kept",)),
        (f"bearer  {TOKEN}", ("bearer_kept",)),
        (f"Authorization: Bearer {TOKEN}", ("more_around_it",)),
        (f'"{TOKEN}"', ("more_around_it",)),
        (f"UPSTASH_REDIS_REST_TOKEN={TOKEN}", ("more_around_it",)),
        (f"Read-only token: {TOKEN}", ("more_around_it",)),
    ],
)
def test_a_token_is_understood_however_it_is_written(written: str, codes: tuple[str, ...]) -> None:
    read = read_value(REST_TOKEN, Secret(written))
    assert read.credentials.rest_token == Secret(TOKEN)
    assert bool(read.mended) is bool(codes)
    assert TOKEN not in repr(read)


@pytest.mark.parametrize(
    "written",
    [
        "https://a-1.upstash.io",
        '"https://a-1.upstash.io"',
        "a-1.upstash.io",
        "rediss://default:pw123456@a-1.upstash.io:6379",
        "https://a-1.upstash.io/get/x",
    ],
)
def test_a_rest_address_is_understood_however_it_is_written(written: str) -> None:
    assert str(read_value(REST_URL, Secret(written)).credentials.rest_url) == "https://a-1.upstash.io"


@pytest.mark.parametrize(
    ("written", "first", "second"),
    [
        ("p%41ss", "pAss", "p%41ss"),
        ("p%40ss", "p@ss", "p%40ss"),
        ("p%41:ss", "p%41:ss", "pA:ss"),
        ("p%41/ss", "p%41/ss", "pA/ss"),
        ("p%41#ss", "p%41#ss", "pA#ss"),
        ("p%41@ss", "p%41@ss", "pA@ss"),
        ("p%41[ss", "p%41[ss", "pA[ss"),
        ("p%41?ss", "p%41?ss", "pA?ss"),
        ("p%41%", "p%41%", "pA%"),
        ("pass", "pass", None),
        ("p@ss", "p@ss", None),
    ],
)
def test_a_code_in_a_password_is_literal_where_that_is_proven_else_both_readings_are_kept(
    written: str, first: str, second: str | None
) -> None:
    url = read_value(DATABASE_URL, Secret(f"postgresql://app:{written}@{HOST}/music")).credentials.database_url
    assert url is not None
    assert url.password == Secret(first)
    other = url.read_otherwise()
    assert (other.password if other else None) == (Secret(second) if second else None)
    if other is not None:
        assert other.read_otherwise() == url
        assert {Secret(first), Secret(second or "")} <= set(url.secrets())
        assert first not in repr(url)
        assert str(second) not in repr(url)
