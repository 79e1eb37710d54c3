"""No known secret survives in any spelling, nor does what looks like one; ordinary text stays as it is."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from soundcheck.checks.report.known_secrets import redactor_for
from soundcheck.checks.report.redaction import Redactor
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import MASK, Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from tests.checks.conftest import MakeServices

ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda s: s,
    "percent-encoded": lambda s: quote(s, safe=""),
    "percent-encoded but for the slash": quote,
    "percent-encoded, small letters": lambda s: quote(s, safe="").lower() if s.islower() else quote(s, safe=""),
    "form-encoded": quote_plus,
    "percent-encoded twice": lambda s: quote(quote(s, safe=""), safe=""),
    "all of it percent-encoded": lambda s: "".join(f"%{b:02X}" for b in s.encode()),
    "JSON": json.dumps,
    "JSON without escapes": lambda s: json.dumps(s, ensure_ascii=False),
    "JSON in JSON": lambda s: json.dumps(json.dumps(s)),
    "Python": repr,
    "Python bytes": lambda s: repr(s.encode()),
    "HTML": html.escape,
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 for URLs": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "in a basic header": lambda s: "Basic " + base64.b64encode(f"default:{s}".encode()).decode(),
    "in the middle of base64": lambda s: base64.b64encode(f"ab{s}xyz".encode()).decode(),
    "in a URL": lambda s: f"postgresql://singer:{quote(s, safe='')}@db.example.org:5432/songs?sslmode=require",
    "unencoded in a URL": lambda s: f"redis://default:{s}@cache.example.org:6379",
    "in a bearer header": lambda s: f"Authorization: Bearer {s}",
    "in a line of an env file": lambda s: f'UPSTASH_REDIS_REST_TOKEN="{s}"',
}

secrets_ = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")),
    min_size=8,
    max_size=40,
)
around = st.text(st.sampled_from("abc xyz 123 ,.:;()\n"), max_size=20)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(secret=secrets_, before=around, after=around)
@example(secret="p@ss/w%rd#é$\"'\\", before="", after="")
@example(secret="%41%42%43%44abcd", before="x", after="y")
@settings(max_examples=20, deadline=None)
def test_a_known_secret_is_gone_in_every_encoding(encoding: str, secret: str, before: str, after: str) -> None:
    encoded = ENCODINGS[encoding](secret)
    planted = f"{before}|{encoded}|{after}"
    assert encoded in planted
    scrubbed = Redactor([Secret(secret)]).scrub(planted)
    assert MASK in scrubbed
    assert secret not in scrubbed
    assert leaked_pieces(encoded, scrubbed, wording=f"{before}|{ENCODINGS[encoding]('')}|{after}") == []


def leaked_pieces(encoded: str, scrubbed: str, wording: str) -> list[str]:
    """Pieces of six letters of the encoded secret that are still there, and are not of the wording around it."""
    pieces = {encoded[at : at + 6] for at in range(len(encoded) - 5)}
    return sorted(piece for piece in pieces if piece in scrubbed and piece not in wording)


@given(secret=secrets_)
@settings(max_examples=50, deadline=None)
def test_the_same_text_keeps_its_secret_where_scrubbing_is_off(secret: str) -> None:
    planted = f"the server said {secret} and hung up"
    assume("npg_" not in secret and not secret.startswith(("eyJ", "A")) and "://" not in secret and "=" not in secret)
    assume(":" not in secret)
    assert secret in Redactor().scrub(planted)
    assert secret not in Redactor([Secret(secret)]).scrub(planted)
    assert Redactor([Secret(secret)]).finds(planted)
    assert not Redactor([Secret(secret)]).finds(Redactor([Secret(secret)]).scrub(planted))


@given(secret=secrets_, at=st.integers(1, 39), gap=st.sampled_from(["\n", "\r\n    ", "\\n", " \n> ", " ", "\n| "]))
@settings(max_examples=50, deadline=None)
def test_a_secret_that_was_broken_over_lines_is_gone_too(secret: str, at: int, gap: str) -> None:
    assume("\\" not in secret)  # together with a written-out break it could be read in several ways
    at = min(at, len(secret) - 1)
    scrubbed = Redactor([Secret(secret)]).scrub(f"before. {secret[:at]}{gap}{secret[at:]} after.")
    assert MASK in scrubbed
    assert leaked_pieces(secret[:at], scrubbed, "before. after.") == []
    assert leaked_pieces(secret[at:], scrubbed, "before. after.") == []


def test_base64_in_the_lines_of_a_mail_is_gone() -> None:
    encoded = base64.encodebytes(b"x" * 50 + b"hunter2-of-the-band" + b"y" * 50).decode()
    assert "\n" in encoded.strip()
    scrubbed = Redactor([Secret("hunter2-of-the-band")]).scrub(f"it sent\n{encoded}and hung up")
    inner = base64.b64encode(b"xx" + b"hunter2-of-the-band").decode()[4:-4]
    assert inner in encoded.replace("\n", "")
    assert inner not in scrubbed.replace("\n", "")
    assert MASK in scrubbed


WORDS = "PASSWORD TOKEN = : :// postgres u @ h npg_ eyJabcdefg . secret hunter2x hun ter2x aHVudGVyMng %68 \\n , & { -"
PIECES = st.sampled_from(
    [
        *WORDS.split(" "),
        "password",
        " ",
        "\n",
        '"',
        "'",
        "`",
        "\\",
        "Bearer ",
        "AYNgAAIjcDE1ZTQzNzU2YjQ5MzA0YmYxYjA2YzY4",
        MASK,
        "•",
        "\\u0068",
        "é",
        "?",
        ">",
        "\t",
        "x y",
        "*",
    ]
)
KNOWN = st.lists(
    st.sampled_from(["hunter2x", "p@ss", "x y", "secret", "h%40h", "••••", "uuuu", "a=b:c", "****"]), max_size=3
)


@given(text=st.lists(PIECES, max_size=14).map("".join), known=KNOWN)
@settings(max_examples=100, deadline=None)
def test_what_was_scrubbed_always_passes_the_proof(text: str, known: list[str]) -> None:
    """Else a report would be kept back for nothing."""
    redactor = Redactor([Secret(value) for value in known])
    scrubbed = redactor.scrub(text)
    assert redactor.remains(scrubbed) == []
    assert redactor.remains_in_json(redactor.scrub_json({"a": [text], text or "b": text})) == []


def test_a_text_of_one_long_word_is_scrubbed_in_time_that_fits_its_length() -> None:
    """Searched at every letter up to its end, this would take minutes."""
    word = "abcdefgh" * 8_000
    assert Redactor([Secret("hunter2-of-the-band")]).scrub(word) == word
    assert Redactor([Secret("hunter2-of-the-band")]).scrub("A-" * 16_000) == "A-" * 16_000


def test_a_masked_copy_is_no_secret() -> None:
    assert Redactor([Secret("•••••"), Secret("****")]).scrub("a ••••• b **** c") == "a ••••• b **** c"


LOOKS_LIKE_A_SECRET = [
    ("postgresql://singer:hunter2@db.example.org/songs", "hunter2"),
    ("postgres://singer:hun:ter/2@x@db.example.org/songs", "hun:ter/2"),
    ("redis://default:hunter2@cache.example.org:6379", "hunter2"),
    ("mongodb+srv://root:hunter2@cluster0.example.net/music", "hunter2"),
    ("rediss://:hunter2@cache.example.org:6379", "hunter2"),
    ('UPSTASH_REDIS_REST_TOKEN="hunter2 and more"', "hunter2"),
    ("UPSTASH_REDIS_REST_TOKEN=hunter2", "hunter2"),
    ("export PGPASSWORD=hunter2", "hunter2"),
    ("PGPASSWORD: hunter2", "hunter2"),
    ("curl -H 'Authorization: Bearer AbCdEf123456'", "AbCdEf123456"),
    ("https://cache.example.org/get/x?_token=hunter2&y=1", "hunter2"),
    ("the password is npg_a1B2c3D4e5F6 here", "npg_a1B2c3D4e5F6"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJzdWIiOiIxIn0"),
    ('{"password": "hunter2", "user": "singer"}', "hunter2"),
    ("AYNgAAIjcDE1ZTQzNzU2YjQ5MzA0YmYxYjA2YzY4ZjQ1NzY4", "YjQ5MzA0"),
]


@pytest.mark.parametrize(("text", "secret"), LOOKS_LIKE_A_SECRET, ids=[row[0][:30] for row in LOOKS_LIKE_A_SECRET])
def test_what_looks_like_a_secret_is_caught_unknown(text: str, secret: str) -> None:
    assert secret in text
    scrubbed = Redactor().scrub(text)
    assert secret not in scrubbed
    assert MASK in scrubbed
    assert Redactor().scrub(scrubbed) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        'password authentication failed for user "singer"',
        "Table doesn't exist: users, user_settings.",
        "ep-quiet-sea-a1b2c3d4-pooler.eu-central-1.aws.neon.tech:5432 answers in 12 ms.",
        "postgresql://singer@db.example.org/songs",
        "There is no UPSTASH_REDIS_REST_TOKEN.",
        "https://upstash.com/docs/redis/troubleshooting/http_unauthorized",
        "SC database.authentication · you · run 7f3a",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert Redactor([Secret("another-secret")]).scrub(text) == text


def test_json_is_scrubbed_through_and_through() -> None:
    redactor = Redactor([Secret("hunter2-of-the-band")])
    scrubbed = redactor.scrub_json(
        {
            "text": "you sent hunter2-of-the-band",
            "list": ["fine", {"password": "whatever", "has_token": True, "token_count": 3}],
            "hunter2-of-the-band": 1,
            "none": None,
        }
    )
    assert scrubbed == {
        "text": f"you sent {MASK}",
        "list": ["fine", {"password": MASK, "has_token": True, "token_count": 3}],
        MASK: 1,
        "none": None,
    }


def test_the_password_of_a_secret_url_is_known_too() -> None:
    redactor = Redactor([Secret("mongodb://root:p%40ss-of-mongo@h/db")])
    assert "p@ss-of-mongo" not in redactor.scrub("it said p@ss-of-mongo")
    assert "p%40ss-of-mongo" not in redactor.scrub("it said p%40ss-of-mongo")


def test_all_secrets_of_a_project_are_known(make_services: MakeServices) -> None:
    found = Credentials(
        database_url=PostgresUrl.parse("postgresql://singer:pw-in-use@h/songs"),
        rest_url=RestUrl("https", "h", None),
        rest_token=Secret("token-in-use"),
    )
    environ = {
        "DATABASE_URL": "postgresql://singer:pw-exported@h/songs",
        "PATH": "/usr/bin",
        "STRIPE_SECRET": "sk-1234",
    }
    services = make_services(found, environ=environ)
    services.project.env_file.write_text('MONGODB_URI="mongodb://root:pw-of-mongo@h/db"\nJWT_SECRET=sign-here-please\n')
    redactor = redactor_for(services)
    for secret in ("pw-in-use", "token-in-use", "pw-exported", "pw-of-mongo", "sign-here-please", "sk-1234"):
        assert redactor.finds(f"x {secret} y"), secret
    assert redactor.scrub("/usr/bin/python") == "/usr/bin/python"


@pytest.mark.parametrize(
    "text",
    [
        'url = env("DATABASE_URL")',
        '  directUrl = env("DIRECT_URL")\n}',
        "TOKEN=process.env.REST_TOKEN",
        'url = os.environ["DATABASE_URL"]',
        "TOKEN=${REDIS_TOKEN}",
        'DATABASE_URL: env("DATABASE_URL"),',
    ],
)
def test_the_name_of_a_variable_is_no_secret(text: str) -> None:
    assert Redactor().scrub(text) == text


@pytest.mark.parametrize("text", ['url = env("hunter2")', 'url=env("DATABASE_URL")hunter2', "TOKEN=${FOO}hunter2"])
def test_what_only_looks_like_a_reference_is_masked(text: str) -> None:
    assert MASK in Redactor().scrub(text)
