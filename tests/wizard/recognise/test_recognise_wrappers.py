"""Every way in which a console, a chat or a colleague hands credentials over."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.recogniser import recognise
from soundcheck.wizard.recognise.recognition import Written

HOST = "ep-cool-darkness-123456-pooler.us-east-2.aws.neon.tech"
DIRECT_HOST = "ep-cool-darkness-123456.us-east-2.aws.neon.tech"
URL = f"postgresql://neondb_owner:npg_AbC123xyz@{HOST}/neondb?sslmode=require&channel_binding=require"
REST = "https://fit-mole-12345.upstash.io"
TOKEN = "AXdzASQgNTk4ZDI2ZWYtNjc4YS00ZjQ5LTk5MDEt_-k0=="

DATABASE = {
    "bare": ("{url}", Written.ADDRESS),
    "spaces around": ("   {url}  ", Written.ADDRESS),
    "single quotes": ("'{url}'", Written.ADDRESS),
    "in a sentence": ("Here you are: <{url}>, have fun.", Written.ADDRESS),
    "quoted reply": ("> {url}", Written.ADDRESS),
    "env": ("DATABASE_URL={url}", Written.ENV_LINE),
    "env, quoted": ('DATABASE_URL="{url}"', Written.ENV_LINE),
    "env, export and comment": ("export DATABASE_URL='{url}' # pooled", Written.ENV_LINE),
    "env, smart quotes": ("DATABASE_URL=“{url}”", Written.ENV_LINE),
    "env, smart single quotes": ("DATABASE_URL = ‘{url}’", Written.ENV_LINE),
    "env, one quote lost": ('DATABASE_URL="{url}', Written.ENV_LINE),
    "env, other name": ("POSTGRES_PRISMA_URL={url}", Written.ENV_LINE),
    "env, unknown name": ("MY_THING={url}", Written.ADDRESS),
    "psql": ("psql '{url}'", Written.PSQL),
    "psql with a prompt": ('$ psql "{url}" -c "select 1"', Written.PSQL),
    "psql -d": ("psql -d '{url}'", Written.PSQL),
    "psql pasted as the value": ("DATABASE_URL=psql '{url}'", Written.PSQL),
    "psql pasted as the quoted value": ("DATABASE_URL=\"psql '{url}'\"", Written.PSQL),
    "powershell": ('$env:DATABASE_URL = "{url}"', Written.ENV_LINE),
    "docker": ('ENV DATABASE_URL="{url}"', Written.ENV_LINE),
    "yaml": ("DATABASE_URL: {url}", Written.SNIPPET),
    "list item": ("- DATABASE_URL={url}", Written.ENV_LINE),
    "table": ("| DATABASE_URL | `{url}` |", Written.TABLE),
    "tab": ("DATABASE_URL\t{url}", Written.TABLE),
    "fence": ("```bash\n{url}\n```", Written.ADDRESS),
    "label": ("DATABASE_URL\n{url}", Written.LABEL),
    "python": ('conn = psycopg.connect("{url}")', Written.ADDRESS),
    "js": ("const sql = neon('{url}');", Written.ADDRESS),
    "js, template": ("const pool = new Pool({{ connectionString: `{url}` }});", Written.SNIPPET),
    "prisma": ('  url = "{url}"', Written.ENV_LINE),
    "continued": ("psql \\\n  '{url}'", Written.PSQL),
    "colours": ("\x1b[32m{url}\x1b[0m", Written.ADDRESS),
}

CACHE = {
    "env": "UPSTASH_REDIS_REST_URL={rest}\nUPSTASH_REDIS_REST_TOKEN={token}",
    "env, quoted": 'UPSTASH_REDIS_REST_URL="{rest}"\nUPSTASH_REDIS_REST_TOKEN="{token}"',
    "env, smart quotes": "UPSTASH_REDIS_REST_URL=“{rest}”\nUPSTASH_REDIS_REST_TOKEN=„{token}“",
    "vercel": 'KV_REST_API_URL="{rest}"\nKV_REST_API_TOKEN="{token}"\nKV_REST_API_READ_ONLY_TOKEN="Areadonly0000"',
    "curl": 'curl {rest}/set/foo/bar \\\n  -H "Authorization: Bearer {token}"',
    "curl, one line": "curl -X POST -d '[\"PING\"]' -H 'Authorization: Bearer {token}' {rest}",
    "curl, token in the address": "curl '{rest}/get/foo?_token={token}'",
    "js": "const redis = new Redis({{\n  url: '{rest}',\n  token: '{token}',\n}})",
    "js, one line": "const redis = new Redis({{ url: '{rest}', token: '{token}' }})",
    "python": 'redis = Redis(url="{rest}", token="{token}")',
    "two lines": "{rest}\n{token}",
    "two quoted lines": '"{rest}",\n"{token}"',
    "markdown": "```ts\n{rest}\n```\n\n{token}",
    "table": "| Name | Value |\n|---|---|\n| UPSTASH_REDIS_REST_URL | `{rest}` |\n| REST_TOKEN | `{token}` |",
    "labels": "UPSTASH_REDIS_REST_URL\n{rest}\n\nUPSTASH_REDIS_REST_TOKEN\n{token}",
    "fetch": 'fetch("{rest}/get/x", {{ headers: {{ Authorization: "Bearer {token}" }} }})',
    "yaml": "UPSTASH_REDIS_REST_URL: {rest}\nUPSTASH_REDIS_REST_TOKEN: {token}",
    "management answer": '{{"endpoint": "fit-mole-12345", "rest_url": "{rest}", "rest_token": "{token}"}}',
    "management answer, host": '{{"endpoint": "fit-mole-12345.upstash.io", "port": 6379, "rest_token": "{token}"}}',
}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("wrapper", DATABASE)
def test_a_database_is_found_in_every_wrapper(wrapper: str, ending: str) -> None:
    template, how = DATABASE[wrapper]
    found = recognise(("first line\n\n" + template.format(url=URL) + "\n").replace("\n", ending))
    assert found.credentials.database_url == PostgresUrl.parse(URL)
    field = found.found(DATABASE_URL)
    assert field is not None
    assert field.how is how
    assert field.line >= 3
    assert "•••••" in field.masked
    direct = found.found(DIRECT_URL)
    assert direct is not None
    assert DIRECT_HOST in direct.masked
    assert "derived" in direct.note


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("wrapper", CACHE)
def test_a_cache_is_found_in_every_wrapper(wrapper: str, ending: str) -> None:
    text = CACHE[wrapper].format(rest=REST, token=TOKEN).replace("\n", ending)
    found = recognise(text)
    assert str(found.credentials.rest_url) == REST
    assert found.credentials.rest_token == Secret(TOKEN)


def test_a_whole_env_file_gives_all_four_from_their_lines() -> None:
    text = (
        f"# Neon\nDATABASE_URL={URL}\nDIRECT_URL={URL.replace('-pooler', '')}\n\n# Upstash\n"
        f'export UPSTASH_REDIS_REST_URL="{REST}"\nUPSTASH_REDIS_REST_TOKEN="{TOKEN}"\nJWT_SECRET=hunter2\n'
    )
    found = recognise(text)
    assert found.credentials.is_complete
    assert [(f.name, f.line) for f in found.fields] == [
        (DATABASE_URL, 2),
        (DIRECT_URL, 3),
        (REST_URL, 6),
        (REST_TOKEN, 7),
    ]
    assert [(i.line, i.reason) for i in found.ignored] == [
        (1, "a comment"),
        (5, "a comment"),
        (8, "JWT_SECRET, which set-up does not need"),
    ]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_of_any_depth_is_read(indent: int | None, ascii_only: bool) -> None:
    document = {
        "neon": {"connection_uris": [{"connection_uri": URL, "é": 1}]},
        "cache": {"database_name": "x", "restToken": TOKEN, "url": REST, "read_only_rest_token": "Areadonly00000"},
    }
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only).replace("/", "\\/")
    found = recognise(text)
    assert found.credentials.database_url == PostgresUrl.parse(URL)
    assert str(found.credentials.rest_url) == REST
    assert found.credentials.rest_token == Secret(TOKEN)


@pytest.mark.parametrize(
    "text",
    [
        f"PGHOST={DIRECT_HOST}\nPGUSER=app\nPGPASSWORD='p@ss/w'\nPGDATABASE=neondb\nPGSSLMODE=require",
        f"POSTGRES_HOST={DIRECT_HOST}\nPOSTGRES_USER=app\nPOSTGRES_PASSWORD='p@ss/w'\nPOSTGRES_DATABASE=neondb",
        f"DB_HOST={DIRECT_HOST}\nDB_USER=app\nDB_PASS='p@ss/w'\nDB_NAME=neondb\nDB_PORT=5432",
        f"PGPASSWORD='p@ss/w' psql -h {DIRECT_HOST} -U app -d neondb",
        f"PGPASSWORD='p@ss/w' psql --host={DIRECT_HOST} --username=app neondb",
        f"PGPASSWORD='p@ss/w' psql -U app -h {DIRECT_HOST} -p 5432 neondb",
        f"psql \"host={DIRECT_HOST} user=app password='p@ss/w' dbname=neondb sslmode=require\"",
        f'psycopg.connect(host="{DIRECT_HOST}", user="app", password="p@ss/w", dbname="neondb")',
        f"jdbc:postgresql://{DIRECT_HOST}/neondb?user=app&password=p%40ss/w&sslmode=require",
    ],
)
def test_an_address_in_pieces_is_put_together(text: str) -> None:
    direct = recognise(text).credentials.direct
    assert direct is not None
    assert (direct.host, direct.user, direct.database) == (DIRECT_HOST, "app", "neondb")
    assert direct.password == Secret("p@ss/w")
    assert direct.param("sslmode") == "require"


@pytest.mark.parametrize(
    "text",
    [
        "redis-cli --tls -u rediss://default:AbCdEf123@fit-mole-12345.upstash.io:6379",
        "redis-cli --tls -h fit-mole-12345.upstash.io -p 6379 -a AbCdEf123",
        "REDISCLI_AUTH=AbCdEf123 redis-cli --tls -h fit-mole-12345.upstash.io",
        "REDIS_URL=rediss://default:AbCdEf123@fit-mole-12345.upstash.io:6379",
        'KV_URL="rediss://default:AbCdEf123@fit-mole-12345.upstash.io:6379"',
        'createClient({ url: "rediss://default:AbCdEf123@fit-mole-12345.upstash.io:6379" })',
        "REDIS_HOST=fit-mole-12345.upstash.io\nREDIS_PASSWORD=AbCdEf123",
        "Endpoint\nfit-mole-12345.upstash.io\nPassword\nAbCdEf123\nPort\n6379",
    ],
)
def test_from_a_redis_address_the_rest_address_is_derived_and_the_password_is_a_candidate(text: str) -> None:
    found = recognise(text)
    assert str(found.credentials.rest_url) == REST
    assert found.credentials.rest_token == Secret("AbCdEf123")
    token = found.found(REST_TOKEN)
    assert token is not None
    assert token.candidate
    assert {"rest_from_tcp", "candidate_token"} <= {p.code for p in found.findings}


def test_beside_a_real_token_the_redis_password_stays_a_candidate() -> None:
    found = recognise(f"REDIS_URL=rediss://default:AbCdEf123@fit-mole-12345.upstash.io:6379\n{REST}\nTOKEN={TOKEN}")
    assert found.credentials.rest_token == Secret(TOKEN)
    assert [c.value for c in found.candidates] == [Secret("AbCdEf123")]


def test_a_local_cache_is_found_too() -> None:
    found = recognise("UPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\nUPSTASH_REDIS_REST_TOKEN=localtoken")
    assert str(found.credentials.rest_url) == "http://127.0.0.1:8079"
    assert "localhost" in {p.code for p in found.findings}


PASSWORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=30).filter(
    lambda p: any(c.isalnum() for c in p)
)


@settings(max_examples=200, deadline=None)
@given(password=PASSWORDS, wrapper=st.sampled_from([w for w in DATABASE if w != "in a sentence"]))
def test_any_password_percent_encoded_is_found_in_any_wrapper(password: str, wrapper: str) -> None:
    url = PostgresUrl("app", Secret("x1" + password), HOST, None, "neondb", (("sslmode", "require"),))
    text = DATABASE[wrapper][0].format(url=url.reveal())
    assert recognise(text).credentials.database_url == url


@settings(max_examples=150, deadline=None)
@given(
    body=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", min_size=24, max_size=60),
    pad=st.sampled_from(["", "=", "=="]),
    wrapper=st.sampled_from(list(CACHE)),
)
def test_any_token_is_found_in_any_wrapper(body: str, pad: str, wrapper: str) -> None:
    token = "AX1" + body + pad
    found = recognise(CACHE[wrapper].format(rest=REST, token=token))
    assert str(found.credentials.rest_url) == REST
    assert found.credentials.rest_token == Secret(token)
