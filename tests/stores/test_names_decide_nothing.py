"""What an error is taken for rests on its own words: no host, role, database or key that it names decides it."""

from __future__ import annotations

import json
import os
import subprocess

import psycopg
import pytest

from soundcheck.stores.error_words import without_names
from soundcheck.stores.postgres.problem import Trouble, connect_problem
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.install import SOURCES
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.probe.postgres_errors import PostgresCode, classify
from soundcheck.stores.upstash.error_texts import UpstashError
from soundcheck.stores.upstash.error_texts import classify as upstash_code

NAMES = (
    "ssl-proxy.example.com", "tls.example", "certificate-store", "timeout", "connection refused", "no such user",
    "password authentication failed for user", "SSL required", "econnrefused.example", "reset by peer", "timed out",
)  # fmt: skip

TEXTS = (
    ('connection to server at "{}" (192.0.2.1), port 5432 failed: Connection refused', Trouble.UNREACHABLE, "refused"),
    ('connection to server at "{}" (192.0.2.1), port 5432 failed: timeout expired', Trouble.UNREACHABLE, "timeout"),
    (
        'connection to server at "{}", port 5432 failed: FATAL:  password authentication failed for user "ana"',
        Trouble.AUTHENTICATION,
        "password",
    ),
    ('connection failed: FATAL:  password authentication failed for user "{}"', Trouble.AUTHENTICATION, "password"),
    ('connection failed: FATAL:  database "{}" does not exist', Trouble.CONNECT, "database_missing"),
    ('connection failed: FATAL:  role "{}" does not exist', Trouble.CONNECT, "unknown_role"),
    ('connection failed: FATAL:  sorry, too many clients already ("{}")', Trouble.CONNECT, "too_many_connections"),
    ('server at "{}", port 5432 failed: SSL error: certificate verify failed', Trouble.TLS, "tls_unknown_ca"),
    ('server certificate for "{}" does not match host name "{}"', Trouble.TLS, "tls_wrong_host"),
    ("Can't reach database server at `{}:5432`", Trouble.UNREACHABLE, "unreachable"),
    ("Database `{}` does not exist on the database server at `{}`.", Trouble.CONNECT, "database_missing"),
    ('connection failed: FATAL:  something new about "{}"', Trouble.CONNECT, "unknown"),
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("text", "trouble", "code"), TEXTS)
def test_a_name_is_no_reason(name: str, text: str, trouble: Trouble, code: str) -> None:
    said = text.replace("{}", name)
    url = PostgresUrl.parse("postgresql://ana:sesame-open@db.example/band")
    assert classify(said) is PostgresCode(code)
    assert connect_problem(psycopg.OperationalError(said), url).trouble is trouble


def test_a_refused_connection_to_a_host_called_ssl_is_no_fault_of_tls() -> None:
    url = PostgresUrl.parse("postgresql://ana:sesame-open@ssl-proxy.example.com/band")
    said = 'connection to server at "ssl-proxy.example.com" (192.0.2.1), port 5432 failed: Connection refused'
    problem = connect_problem(psycopg.OperationalError(said), url)
    assert problem.trouble is Trouble.UNREACHABLE
    assert "does not answer" in problem.message


@pytest.mark.parametrize("host", ["enotfound.example", "etimedout.example", "eai-again.example"])
def test_node_names_its_codes_in_capitals(host: str) -> None:
    assert classify(f"getaddrinfo EAI_AGAIN {host}") is PostgresCode.NO_NETWORK
    assert classify(f"connect ETIMEDOUT {host}:5432") is PostgresCode.TIMEOUT


@pytest.mark.parametrize("key", ["max daily request limit exceeded", "db is archived", "ip not allowed"])
def test_a_command_that_the_cache_repeats_is_no_reason(key: str) -> None:
    text = f"ERR unknown command 'FOO', with args beginning with: '{key}' "
    assert upstash_code(text) is UpstashError.COMMAND_UNAVAILABLE
    assert upstash_code(f'ERR wrong number of arguments for "{key}"') is UpstashError.WRONG_ARGUMENTS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('role "a b" is gone', 'role "" is gone'),
        ("at `h:5432`: it can't", "at ``: it can't"),
        ("unknown 'x y'", "unknown ''"),
        ("it can't and won't", "it can't and won't"),
        ('an odd " alone', 'an odd " alone'),
        ('requirement "scram-sha-256" failed', 'requirement "scram-sha-256" failed'),
    ],
)
def test_what_is_quoted_is_left_out(text: str, words: str) -> None:
    assert without_names(text, "scram-sha-256") == words


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": "42P07", "message": 'relation "timeout expired" already exists'}, "postgres"),
        (
            {"code": "23505", "message": "Key (said)=(Connection terminated) already exists"},
            "postgres",
        ),
        ({"code": "28P01", "message": "password authentication failed"}, "authentication_failed"),
        ({"message": "timeout expired"}, "timeout"),
        ({"message": "Connection terminated unexpectedly"}, "unreachable"),
    ],
)
def test_the_engine_goes_by_the_servers_state_before_its_words(error: dict[str, str], code: str) -> None:
    script = "const {failure} = await import(process.argv[1]); console.log(failure(JSON.parse(process.argv[2])).code)"
    node = [str(find_node(os.environ).path), "--input-type=module", "-e", script]
    told = subprocess.run(
        [*node, str(SOURCES / "failures.mjs"), json.dumps(error)], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == code
