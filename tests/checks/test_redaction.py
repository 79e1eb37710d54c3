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

from checks.known_secrets import redactor_for
from checks.redaction import Redactor
from stores.credentials import Credentials, RestUrl
from stores.postgres_url import PostgresUrl
from stores.secret import MASK, Secret
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
@settings(max_examples=40, deadline=None)
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
