"""Every finding: the text that causes it, where it is reported, and that it comes with a cure."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.wizard import recognise as recognise_room
from soundcheck.wizard.recognise.recogniser import field_problems, recognise, recognise_field
from soundcheck.wizard.recognise.recognition import NOTHING_FAILED, FailedTest, Severity

NEON = "ep-a-1.us-east-2.aws.neon.tech"
GOOD = "postgresql://app:pw123456@ep-a-1-pooler.us-east-2.aws.neon.tech/neondb?sslmode=require"
REST = "https://fit-mole-1.upstash.io"
TOKEN = "AXdzASQgNTk4ZDI2ZWYtNjc4YS00ZjQ5"

CASES: dict[str, tuple[str, str, Severity]] = {
    "direct_derived": (GOOD, DIRECT_URL, Severity.INFO),
    "pooled_derived": (GOOD.replace("-pooler", ""), DATABASE_URL, Severity.INFO),
    "sslmode_missing": (GOOD.partition("?")[0], DATABASE_URL, Severity.WARN),
    "sslmode_weak": (GOOD.replace("require", "prefer"), DATABASE_URL, Severity.WARN),
    "sslmode_unknown": (GOOD.replace("require", "yes"), DATABASE_URL, Severity.ERROR),
    "connection_limit_direct": (
        GOOD.replace("-pooler", "") + "&connection_limit=100",
        DATABASE_URL,
        Severity.WARN,
    ),
    "channel_binding": (GOOD + "&channel_binding=require", DATABASE_URL, Severity.INFO),
    "two_addresses": (
        f'DATABASE_URL="postgresql://a/db?user=u&password=pw123456 {GOOD}"',
        DATABASE_URL,
        Severity.ERROR,
    ),
    "password_encoded": (f"postgresql://app:p@ss@{NEON}/neondb", DATABASE_URL, Severity.WARN),
    "driver_scheme": (GOOD.replace("postgresql:", "postgresql+psycopg:"), DATABASE_URL, Severity.INFO),
    "placeholder": (f"postgresql://app:<password>@{NEON}/neondb", DATABASE_URL, Severity.ERROR),
    "masked_copy": (f"postgresql://app:************@{NEON}/neondb", DATABASE_URL, Severity.ERROR),
    "localhost": ("postgresql://app:pw123456@localhost:5432/db", DATABASE_URL, Severity.INFO),
    "no_password": (f"postgresql://app@{NEON}/neondb", DATABASE_URL, Severity.WARN),
    "no_database": (f"postgresql://app:pw123456@{NEON}", DATABASE_URL, Severity.WARN),
    "no_host": ("PGUSER=app\nPGPASSWORD=pw123456", DATABASE_URL, Severity.WARN),
    "bad_port": (f"postgresql://app:pw123456@{NEON}:port/neondb", DATABASE_URL, Severity.ERROR),
    "bad_host": ("postgresql://app:pw123456@one~two/neondb", DATABASE_URL, Severity.ERROR),
    "several_hosts": ("postgresql://app:pw123456@one:5432,two:5432/neondb", DATABASE_URL, Severity.ERROR),
    "socket": ("postgresql://app:pw123456@/neondb?host=/var/run/postgresql", DATABASE_URL, Severity.ERROR),
    "in_place": (GOOD + "\n" + GOOD.replace("pw123456", "pw999999"), DATABASE_URL, Severity.INFO),
    "quotes_kept": (f"DATABASE_URL='\"{GOOD}\"'", DATABASE_URL, Severity.INFO),
    "bearer_kept": (f"UPSTASH_REDIS_REST_TOKEN=Bearer {TOKEN}", REST_TOKEN, Severity.INFO),
    "whitespace": ("DATABASE_URL='postgresql:// app pw123456 neondb'", DATABASE_URL, Severity.ERROR),
    "unreadable": ("DATABASE_URL=postgresql://app%zz@host/neondb", DATABASE_URL, Severity.ERROR),
    "scheme": ("DATABASE_URL=pw123456", DATABASE_URL, Severity.ERROR),
    "cut_off": ('DATABASE_URL="postgresql://app:pw123456@ep-cool-dark', DATABASE_URL, Severity.ERROR),
    "maybe_cut_off": (f'DATABASE_URL="{GOOD}', DATABASE_URL, Severity.WARN),
    "host_only": (f"DATABASE_URL={NEON}", DATABASE_URL, Severity.ERROR),
    "mongodb": ("mongodb+srv://u:pw123456@c.mongodb.net/app", DATABASE_URL, Severity.ERROR),
    "prisma_scheme": ("prisma://accelerate.prisma-data.net/?api_key=pw123456", DATABASE_URL, Severity.ERROR),
    "other_database": ("mysql://u:pw123456@host/db", DATABASE_URL, Severity.ERROR),
    "redis_in_database": ("DATABASE_URL=rediss://default:pw123456@x.example:6379", DATABASE_URL, Severity.ERROR),
    "rest_in_database": (f"DATABASE_URL={REST}", DATABASE_URL, Severity.ERROR),
    "console_url": ("https://console.neon.tech/app/projects/cool-1", DATABASE_URL, Severity.ERROR),
    "conflict_database": (GOOD + "\n" + GOOD.replace("ep-a-1", "ep-b-2"), DATABASE_URL, Severity.WARN),
    "conflict_password": (GOOD + "\n" + GOOD.replace("pw123456", "pw999999"), DATABASE_URL, Severity.WARN),
    "rest_from_tcp": ("rediss://default:pw123456@fit-mole-1.upstash.io:6379", REST_URL, Severity.WARN),
    "tcp_not_rest": ("redis://default:pw123456@redis.example:6379", REST_URL, Severity.ERROR),
    "http_not_https": (f"http://fit-mole-1.upstash.io\n{TOKEN}", REST_URL, Severity.WARN),
    "rest_host_only": (f"fit-mole-1.upstash.io\n{TOKEN}", REST_URL, Severity.INFO),
    "not_upstash": ("UPSTASH_REDIS_REST_URL=https://cache.example.com", REST_URL, Severity.WARN),
    "database_in_rest": (f"UPSTASH_REDIS_REST_URL={GOOD}", REST_URL, Severity.ERROR),
    "rest_scheme": ("UPSTASH_REDIS_REST_URL=ftp://fit-mole-1.upstash.io", REST_URL, Severity.ERROR),
    "rest_port": ("UPSTASH_REDIS_REST_URL=https://fit-mole-1.upstash.io:port", REST_URL, Severity.ERROR),
    "rest_host": ("UPSTASH_REDIS_REST_URL=https:///path", REST_URL, Severity.ERROR),
    "rest_unreadable": ("UPSTASH_REDIS_REST_URL=pw123456", REST_URL, Severity.ERROR),
    "conflict_cache": (f"{REST}\nhttps://other-2.upstash.io\n{TOKEN}", REST_URL, Severity.WARN),
    "missing_token": (REST, REST_TOKEN, Severity.WARN),
    "missing_rest_url": (f"UPSTASH_REDIS_REST_TOKEN={TOKEN}", REST_URL, Severity.WARN),
    "candidate_token": (f"{REST}\n{TOKEN}", REST_TOKEN, Severity.INFO),
    "two_tokens": (f"{REST}\nTOKEN={TOKEN}\nTOKEN={TOKEN}x", REST_TOKEN, Severity.WARN),
    "readonly_token": (f"{REST}\nKV_REST_API_READ_ONLY_TOKEN={TOKEN}", REST_TOKEN, Severity.WARN),
    "url_in_token": (f"UPSTASH_REDIS_REST_TOKEN={REST}", REST_TOKEN, Severity.ERROR),
    "neon_api_key": ("NEON_API_KEY=napi_pw123456abcdefghijkl", DATABASE_URL, Severity.WARN),
    "upstash_api_key": ("UPSTASH_API_KEY=pw123456-api-key", REST_TOKEN, Severity.WARN),
    "database_password": ("UPSTASH_REDIS_REST_TOKEN=npg_pw123456", REST_TOKEN, Severity.ERROR),
    "token_characters": ("UPSTASH_REDIS_REST_TOKEN=pw123456ü", REST_TOKEN, Severity.ERROR),
    "nothing_found": ("hello there", "", Severity.WARN),
    "too_large": ("hello\n" * 60_000, "", Severity.WARN),
}


@pytest.mark.parametrize("code", CASES)
def test_each_finding_has_its_text_its_field_and_a_cure(code: str) -> None:
    text, field, severity = CASES[code]
    after = FailedTest(frozenset({DATABASE_URL}), 1) if code == "in_place" else NOTHING_FAILED
    found = [p for p in recognise(text, after).findings if p.code == code]
    assert [(p.field, p.severity) for p in found][:1] == [(field, severity)]
    assert len(found[0].message) > 10
    assert len(found[0].cure) > 10
    assert "pw123456" not in repr(found)


def test_every_code_of_the_recogniser_has_a_case() -> None:
    """The codes are the snake_case constants that stand as first argument of a finding."""
    assert recognise_room.__file__
    codes = set()
    for file in Path(recognise_room.__file__).parent.glob("*.py"):
        if file.stem == "one_value":  # has no text of a paste; see test_one_value_is_read_as_a_paste
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            first = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                if node.func.id in {"Problem", "note", "refuse", "_found"}:
                    first = node.args[0]
            elif isinstance(node, ast.Tuple) and len(node.elts) == 4 and "Severity" in ast.dump(node.elts[1]):
                first = node.elts[0]
            if isinstance(first, ast.Constant) and re.fullmatch(r"[a-z]+(_[a-z]+)*", str(first.value)):
                codes.add(first.value)
    assert len(codes) > 40
    assert codes - set(CASES) == set()


@pytest.mark.parametrize(
    ("password", "written"),
    [
        ("p@ss", "p@ss"),
        ("p#ss", "p#ss"),
        ("p/ss", "p/ss"),
        ("p?ss", "p?ss"),
        ("p:ss", "p:ss"),
        ("100%", "100%"),
        ("50%off", "50%off"),
        ("a%zz", "a%zz"),
        ("p@ss/w#r?d:x%", "p@ss/w#r?d:x%"),
        ("p@ss@", "p@ss@"),
        ("@@", "@@"),
        ("p@ss%", "p%40ss%25"),
        ("p@s s", "p%40s s"),
        ("p[x]@y", "p[x]@y"),
        ("é@ü", "é@ü"),
    ],
)
@pytest.mark.parametrize("tail", ["", "?sslmode=require", "?sslmode=require&options=-c%20a%3Db", "?options=a@b"])
def test_a_password_that_was_not_encoded_is_mended(password: str, written: str, tail: str) -> None:
    found = recognise(f'DATABASE_URL="postgresql://app:{written}@{NEON}:5432/neondb{tail}"')
    url = found.credentials.direct
    assert url is not None
    assert (url.user, url.host, url.port, url.database) == ("app", NEON, 5432, "neondb")
    assert url.password == Secret(password)
    assert PostgresUrl.parse(url.reveal()) == url
    repairs = [p.repair for p in found.findings if p.code == "password_encoded"]
    for repair in repairs:
        assert repair is not None
        assert "•••••" in repair.preview
        assert PostgresUrl.parse(repair.value.reveal()).password == Secret(password)


def test_the_preview_of_a_repair_shows_the_place_and_not_the_password() -> None:
    found = recognise(f"postgresql://app:hunter2@x@{NEON}/neondb?sslmode=require")
    repair = next(p.repair for p in found.findings if p.code == "password_encoded")
    assert repair is not None
    done = "the password, 9 characters: letters, digits, 1 sign; percent-encoded: @"
    assert repair.preview == f"postgresql://app:•••••@{NEON}/neondb?sslmode=require ({done})"
    assert "hunter2" not in repr(found)
    assert "hunter2" not in repr(found)


def test_a_host_that_follows_the_password_is_never_taken_from_the_password() -> None:
    # libpq would connect to "w@db…" or to "ss": see the module text of postgres_url.
    for password in ("p/w", "p@evil.example", "p@evil.example/x?y=z"):
        url = recognise(f"postgresql://app:{password}@{NEON}/neondb").credentials.direct
        assert url is not None
        assert url.host == NEON


@pytest.mark.parametrize(
    "value",
    [
        "PASSWORD", "<password>", "[YOUR-PASSWORD]", "your-password", "YOUR_PASSWORD", "password", "xxxx",
        "${DB_PASSWORD}",
        "{{password}}", "your_password_here", "$PGPASSWORD",
    ],
)  # fmt: skip
def test_a_stand_in_for_the_password_is_not_taken(value: str) -> None:
    found = recognise(f"DATABASE_URL='postgresql://app:{value}@{NEON}/neondb'")
    assert found.credentials.database_url is None
    assert {p.code for p in found.errors} & {"placeholder", "masked_copy"}


@pytest.mark.parametrize(
    "value", ["your-token", "<token>", "********", "••••••••", "AXdz…", "${TOKEN}", "process.env.T"]
)
def test_a_stand_in_for_the_token_is_not_taken(value: str) -> None:
    found = recognise(f"UPSTASH_REDIS_REST_URL={REST}\nUPSTASH_REDIS_REST_TOKEN='{value}'")
    assert found.credentials.rest_token is None
    assert {p.code for p in found.errors} & {"placeholder", "masked_copy"}


@pytest.mark.parametrize("user", ["user", "postgres", "username", "test"])
def test_an_ordinary_user_name_is_no_stand_in(user: str) -> None:
    assert recognise(f"postgresql://{user}:pw123456@{NEON}/postgres").credentials.has_database


def test_of_two_databases_the_better_named_is_taken_and_it_is_said_why() -> None:
    other = GOOD.replace("ep-a-1", "ep-b-2")
    found = recognise(f"DATABASE_URL={GOOD}\n{other}")
    assert found.credentials.database_url == PostgresUrl.parse(GOOD)
    conflict = next(p for p in found.findings if p.code == "conflict_database")
    assert "line 1" in conflict.message
    assert "line 2" in conflict.message
    assert "name" in conflict.cure
    assert [c.value.reveal() for c in found.candidates] == [PostgresUrl.parse(other).reveal()]
    last = recognise(f"{GOOD}\n{other}")
    assert last.credentials.database_url == PostgresUrl.parse(other)


def test_the_pooled_and_direct_addresses_of_one_database_are_no_conflict() -> None:
    direct = GOOD.replace("-pooler", "")
    for text in (f"{direct}\n{GOOD}", f"{GOOD}\n{direct}", f"DATABASE_URL={direct}\nDIRECT_URL={direct}\nX={GOOD}"):
        found = recognise(text)
        assert found.credentials.database_url == PostgresUrl.parse(GOOD)
        assert found.credentials.direct == PostgresUrl.parse(direct)
        assert not [p for p in found.findings if p.code.startswith("conflict")]


def test_everything_vercel_writes_for_both_stores_is_understood_without_a_conflict() -> None:
    direct = GOOD.replace("-pooler", "")
    text = f"""
    # Recommended for most uses
    DATABASE_URL={GOOD}
    DATABASE_URL_UNPOOLED={direct}
    PGHOST=ep-a-1-pooler.us-east-2.aws.neon.tech
    PGHOST_UNPOOLED={NEON}
    PGUSER=app
    PGDATABASE=neondb
    PGPASSWORD=pw123456
    POSTGRES_URL={GOOD}
    POSTGRES_URL_NON_POOLING={direct}
    POSTGRES_USER=app
    POSTGRES_HOST=ep-a-1-pooler.us-east-2.aws.neon.tech
    POSTGRES_PASSWORD=pw123456
    POSTGRES_DATABASE=neondb
    POSTGRES_URL_NO_SSL={GOOD.partition("?")[0]}
    POSTGRES_PRISMA_URL={GOOD}&connect_timeout=15
    KV_URL="rediss://default:{TOKEN}@fit-mole-1.upstash.io:6379"
    KV_REST_API_URL="{REST}"
    KV_REST_API_TOKEN="{TOKEN}"
    KV_REST_API_READ_ONLY_TOKEN="{TOKEN[:-3]}ro0"
    REDIS_URL="rediss://default:{TOKEN}@fit-mole-1.upstash.io:6379"
    """
    found = recognise(text)
    assert found.credentials.database_url == PostgresUrl.parse(GOOD)
    assert found.credentials.direct_url == PostgresUrl.parse(direct)
    assert str(found.credentials.rest_url) == REST
    assert found.credentials.rest_token == Secret(TOKEN)
    assert not found.errors
    assert not [p for p in found.findings if p.code.startswith("conflict")]


def test_a_read_only_token_never_displaces_the_standard_one() -> None:
    for lines in (
        (f"KV_REST_API_TOKEN={TOKEN}", "READ_ONLY_TOKEN=Aro12345"),
        ("READ_ONLY_TOKEN=Aro12345", f"TOKEN={TOKEN}"),
    ):
        found = recognise("\n".join((REST, *lines)))
        assert found.credentials.rest_token == Secret(TOKEN)
        assert [(c.value, c.why) for c in found.candidates] == [(Secret("Aro12345"), "read-only")]


@pytest.mark.parametrize(
    ("name", "text", "codes"),
    [
        (DATABASE_URL, GOOD, {"direct_derived"}),
        (DATABASE_URL, f"psql '{GOOD}'", {"direct_derived"}),
        (DATABASE_URL, f"DATABASE_URL={GOOD}", {"direct_derived"}),
        (DATABASE_URL, REST, {"rest_in_database"}),
        (DATABASE_URL, "rediss://default:pw@x.upstash.io:6379", {"redis_in_database"}),
        (DATABASE_URL, "", set()),
        (DATABASE_URL, "something", {"scheme"}),
        (DIRECT_URL, GOOD.replace("-pooler", ""), {"pooled_derived"}),
        (REST_URL, REST, set()),
        (REST_URL, "fit-mole-1.upstash.io", {"rest_host_only"}),
        (REST_URL, GOOD, {"database_in_rest"}),
        (REST_URL, "rediss://default:pw123456@fit-mole-1.upstash.io:6379", {"rest_from_tcp", "candidate_token"}),
        (REST_TOKEN, TOKEN, set()),
        (REST_TOKEN, TOKEN + "==", set()),
        (REST_TOKEN, f"Bearer {TOKEN}", set()),
        (REST_TOKEN, f"UPSTASH_REDIS_REST_TOKEN={TOKEN}", set()),
        (REST_TOKEN, "napi_abcdefghijklmnop", {"neon_api_key"}),
        (REST_TOKEN, "12345678-1234-1234-1234-123456789abc", {"upstash_api_key"}),
        (REST_TOKEN, "two words", {"whitespace"}),
        (REST_TOKEN, REST, {"url_in_token"}),
    ],
)
def test_a_single_field_gets_the_same_findings(name: str, text: str, codes: set[str]) -> None:
    problems = field_problems(name, text)
    assert {p.code for p in problems} - {"missing_rest_url", "missing_token"} == codes


def test_a_single_field_gives_its_value() -> None:
    assert recognise_field(REST_TOKEN, f"  {TOKEN}==\n").credentials.rest_token == Secret(f"{TOKEN}==")
    assert recognise_field(DATABASE_URL, f'"{GOOD}"').credentials.database_url == PostgresUrl.parse(GOOD)
    assert str(recognise_field(REST_URL, REST + "/").credentials.rest_url) == REST


def test_a_long_word_beside_a_database_alone_is_an_id_and_not_a_token() -> None:
    found = recognise(f"{GOOD}\ncool-darkness-12345678")
    assert found.credentials.rest_token is None
    assert found.ignored[0].line == 2


def test_of_two_databases_only_the_one_that_is_taken_is_mended() -> None:
    first = "postgresql://owner:npg@_one@ep-a-1-pooler.eu.aws.neon.tech/neondb?sslmode=require"
    found = recognise(f"{first}\n{first.replace('ep-a-1', 'ep-b-2')}\n")
    assert [(p.code, p.line) for p in found.findings if p.repair is not None] == [("password_encoded", 2)]
    assert [p.code for p in found.findings if p.line == 1] == ["conflict_database"]
