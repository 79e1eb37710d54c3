"""The recogniser takes any text, comes to an end, and lets no secret out."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from soundcheck.stores.credentials import ENV_NAMES
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.recogniser import field_problems, recognise, recognise_field

FRAGMENTS = st.sampled_from(
    [
        "postgresql://", "postgres://", "rediss://", "https://", "mysql://", "jdbc:postgresql://", "prisma+postgres://",
        "u:p", "@", "@@", ":", "/", "?", "#", "%", "%4", "%zz", "[", "]", "[::1]", "localhost", ".neon.tech",
        "x.upstash.io",
        "DATABASE_URL", "UPSTASH_REDIS_REST_TOKEN", "PGHOST", "PGPASSWORD", "REDIS_URL", "NEON_API_KEY", "=", ": ",
        "=>",
        '"', "'", "`", "“", "”", "\\", "\\u0041", "\\ud800", "\n", "\r\n", "\t", " ", "|", "{", "}", "(", ")", ",", ";",
        "psql ", "redis-cli ", "curl ", "-h ", "-u ", "-U", "--tls", "-H ", "Authorization: Bearer ", "?_token=", "```",
        "$", "${X}", "****", "…", "<", ">", "\0", "\x1b[1m", "\u2028", "é", "١٢٣", "host=", "password=", ":99999", "//",
        "\ud800", "AXdzASQgNTk4ZDI2ZWYtNjc4YS00ZjQ5",
    ]
)  # fmt: skip
ANY = st.lists(FRAGMENTS, max_size=25).map("".join) | st.text(max_size=200)

SECRETS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_!*+~", min_size=16, max_size=40).map(
    lambda s: "Zq7" + s
)
PLACES = [
    "DATABASE_URL=postgresql://u:{s}@ep-a.aws.neon.tech/db",
    "postgresql://u:x@{s}@ep-a.aws.neon.tech/db?sslmode=require",
    "postgresql://u:{s}/x#y@ep-a.aws.neon.tech",
    "postgresql://u:{s}%zz@ep-a.aws.neon.tech:port/db",
    "postgresql://u:{s}@bad host/db",
    "postgresql://u:{s}",
    'DATABASE_URL="postgresql://u:{s}',
    'DATABASE_URL="postgresql://u:{s}@ep-cool-dark',
    'DATABASE_URL="postgresql://{s}',
    "gresql://u:{s}@ep-a-1.aws.neon.tech/db",
    'UPSTASH_REDIS_REST_TOKEN="{s}',
    "postgresql://ep-a.aws.neon.tech/db?user=u&password={s}",
    "jdbc:postgresql://ep-a.aws.neon.tech/db?user=u&password={s}",
    "postgresql://u:{s}@ep-a.aws.neon.tech/db?sslpassword={s}",
    "mysql://u:{s}@h/db",
    "mongodb+srv://u:{s}@h/db",
    "psql 'postgresql://u:{s}@ep-a.aws.neon.tech/db'",
    "PGPASSWORD='{s}' psql -h ep-a.aws.neon.tech -U u db",
    "PGPASSWORD={s}",
    "PGHOST=ep-a.aws.neon.tech\nPGUSER=u\nPGPASSWORD={s}",
    "redis-cli --tls -u rediss://default:{s}@x.upstash.io:6379",
    "redis-cli -h x.upstash.io -a {s}",
    "REDIS_URL=redis://{s}@elsewhere.example:6379",
    "REDIS_URL=rediss://{s}",
    "UPSTASH_REDIS_REST_URL=https://u:{s}@x.upstash.io",
    "UPSTASH_REDIS_REST_URL={s}",
    "UPSTASH_REDIS_REST_TOKEN={s}",
    "UPSTASH_REDIS_REST_TOKEN={s} and more",
    "DATABASE_URL={s}",
    "https://x.upstash.io\n{s}",
    "curl https://x.upstash.io/set/a/{s} -H 'Authorization: Bearer {s}'",
    "curl 'https://x.upstash.io/get/a?_token={s}'",
    '{{"token": "{s}", "url": "https://x.upstash.io", "password": "{s}"}}',
    "new Redis({{ url: 'https://x.upstash.io', token: '{s}' }})",
    "| TOKEN | {s} |",
    "Password\n{s}",
    "{s}",
    "# {s}",
    "{s}=",
    "{s}==",
    "JWT_SECRET={s}",
    "some words and {s} in between",
    "NEON_API_KEY=napi_{s}",
    "napi_{s}",
    "UPSTASH_API_KEY={s}",
    "npg_{s}",
]


def said(value: object) -> str:
    """Everything a screen, a log or a traceback could print of a value, fields that hide from repr included.

    A `PostgresUrl` is what carries the secret to the driver: only its printed forms count.
    """
    text = f"{value!r}{value}"
    if isinstance(value, PostgresUrl):
        return text
    if is_dataclass(value) and not isinstance(value, type):
        text += "".join(said(getattr(value, f.name)) for f in fields(value))
    elif isinstance(value, tuple | list):
        text += "".join(said(item) for item in value)
    return text


@settings(max_examples=200, deadline=None)
@given(ANY)
@example("postgresql://postgresql://\ud800")
@example('DATABASE_URL="postgresql://\\ud800"')
def test_any_text_gets_an_answer(text: str) -> None:
    found = recognise(text)
    assert {f.name for f in found.fields} <= set(ENV_NAMES)
    assert all(p.code and p.message and p.cure for p in found.findings)
    for name in ENV_NAMES:
        field_problems(name, text)


TWO_IN_ONE = [
    "postgresql://ep-a.aws.neon.tech/db?user=u&password={s}",
    "postgresql://u:x@{s}@ep-a.aws.neon.tech/db?sslmode=require",
]
"""Once read as one address, whose user was the whole of the other one."""


@settings(max_examples=200, deadline=None)
@example(secret="Zq70000000000000000", places=TWO_IN_ONE, name="DATABASE_URL")
@example(secret="Zq70000000000000000", places=[" ".join(TWO_IN_ONE)], name="DATABASE_URL")
@given(
    secret=SECRETS, places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=3), name=st.sampled_from(ENV_NAMES)
)
def test_no_secret_shows_in_anything_that_can_be_printed(secret: str, places: list[str], name: str) -> None:
    text = "\n".join(place.format(s=secret) for place in places)
    for found in (recognise(text), recognise_field(name, text)):
        assert secret not in said(found)
        assert secret.lower() not in said(found).lower()


@pytest.mark.parametrize("between", ["\n", " ", " DATABASE_URL="])
def test_two_addresses_in_one_value_are_told(between: str) -> None:
    found = recognise_field("DATABASE_URL", between.join(place.format(s="Zq70000000000000000") for place in TWO_IN_ONE))
    assert "two_addresses" in {problem.code for problem in found.findings}
    assert found.credentials.database_url is None


def test_the_search_for_secrets_would_see_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = recognise("TOKEN=Zq7hunter2hunter2XyZ")
    monkeypatch.setattr(Secret, "__repr__", Secret.reveal)
    assert "hunter2" in said(found)


@pytest.mark.parametrize("place", PLACES)
def test_no_secret_shows_from_any_place(place: str) -> None:
    secret = "Zq7hunter2hunter2XyZ"
    assert "hunter2" not in said(recognise(place.format(s=secret))).lower()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 300_000,
        "@" * 300_000,
        "postgresql://u:" + "@" * 3000 + "h/d",
        "postgresql://" + "a@" * 100_000,
        ('DATABASE_URL="' + "x" * 20) * 10_000,
        "a='" * 100_000,
        'a="\\' * 70_000,
        "\n" * 300_000,
        " " * 300_000,
        "\\\n" * 100_000,
        "{" * 100_000,
        "https://x.upstash.io " * 15_000,
        '"https://x.upstash.io ' * 12_000,
        "postgresql://u:p@h/d\n" * 12_000,
        "\n".join(f"postgresql://u:p@h{n}/d" for n in range(10_000)),
        "\n".join(f"AXdzASQgNTk4ZDI2ZWYtNjc4YS{n:06}" for n in range(8000)),
        "curl " + "-H 'Authorization: Bearer x' " * 9000,
        "psql " + "'" * 250_000,
        "host =" + " " * 250_000,
        "| a " * 60_000,
        "Bearer " * 40_000,
        "a.upstash." * 25_000,
    ],
    ids=range(22),
)
def test_the_work_is_bounded_whatever_the_text(text: str) -> None:
    """No timed assertion: what is quadratic in 256 KiB runs into the suite's own time limit."""
    found = recognise(text)
    assert len(found.ignored) <= 200
    assert len(found.findings) < 3000
    assert len(found.fields) <= 4
