"""No path without a token, and what the read-only token may do."""

from __future__ import annotations

import hmac

import httpx
import pytest
import redis

from soundcheck.stores.local.gateway.app import Access, Gateway
from soundcheck.stores.local.gateway.configuration import GatewayConfiguration
from soundcheck.stores.local.gateway.policy import CommandTable, Forward, decide
from soundcheck.stores.secret import Secret

TOKEN = "full-token-A7s"
READ_TOKEN = "read-token-Q2x"
VERSION = "version-under-test"
UNAUTHORIZED = {
    "error": "WRONGPASS invalid or missing auth token. "
    "See https://docs.upstash.com/redis/troubleshooting/http_unauthorized for details."
}
PATHS = [
    "/", "/get/s", "/pipeline", "/multi-exec", "/_soundcheck/version", "/_soundcheck", "/subscribe/x", "/monitor",
    "/favicon.ico", "/nonsense/%00", "/get/s?_token=", "/get/s?_token=full-token-A7", "/get/s?token=full-token-A7s",
]  # fmt: skip
WRONG = [
    {},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Bearer"},
    {"Authorization": TOKEN},
    {"Authorization": f"Basic {TOKEN}"},
    {"Authorization": f"Bearer {TOKEN.lower()}"},
    {"Authorization": f"Bearer {TOKEN}x"},
    {"Authorization": f"Bearer {TOKEN} {TOKEN}"},
]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_answers_without_the_token(gateway_anonymous: httpx.Client, keys: redis.Redis, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        for headers in WRONG:
            response = gateway_anonymous.request(method, path, headers=headers, content=b'["SET","s","stolen"]')
            assert (response.status_code, response.json()) == (401, UNAUTHORIZED), (method, headers)
    assert keys.get("s") == b"value"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/get/s", {"Authorization": f"Bearer {TOKEN}"}),
        ("/get/s", {"Authorization": f"bearer  {TOKEN}"}),
        (f"/get/s?_token={TOKEN}", {}),
        (f"/get/s?_token={READ_TOKEN}", {}),
        ("/get/s?_token=full%2Dtoken%2DA7s", {}),
    ],
)
def test_the_token_comes_as_bearer_or_as_parameter(
    gateway_anonymous: httpx.Client, keys: redis.Redis, path: str, headers: dict[str, str]
) -> None:
    assert gateway_anonymous.get(path, headers=headers).json() == {"result": "value"}


def test_a_wrong_header_is_not_saved_by_a_right_parameter(gateway_anonymous: httpx.Client) -> None:
    response = gateway_anonymous.get(f"/ping?_token={TOKEN}", headers={"Authorization": "Bearer wrong"})
    assert response.status_code == 401


@pytest.mark.parametrize("token", [TOKEN, READ_TOKEN])
def test_the_version_is_told_to_whoever_has_a_token(gateway_anonymous: httpx.Client, token: str) -> None:
    response = gateway_anonymous.get("/_soundcheck/version", headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()) == (200, {"result": VERSION})


@pytest.mark.parametrize("given", [TOKEN, READ_TOKEN, "wrong", "", "é"])
def test_both_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    seen: list[tuple[bytes, bytes]] = []

    def compare(left: bytes, right: bytes) -> bool:
        seen.append((left, right))
        return False

    monkeypatch.setattr(hmac, "compare_digest", compare)
    gateway = Gateway(
        GatewayConfiguration("127.0.0.1", 1, "127.0.0.1", 1, Secret("p"), Secret(TOKEN), Secret(READ_TOKEN), VERSION)
    )
    assert gateway._access(b"Bearer " + given.encode(), b"") is None
    assert {right for _, right in seen} == {TOKEN.encode(), READ_TOKEN.encode()}


def test_without_a_read_only_token_an_empty_one_opens_nothing() -> None:
    gateway = Gateway(GatewayConfiguration("127.0.0.1", 1, "127.0.0.1", 1, Secret("p"), Secret(TOKEN), None, VERSION))
    assert gateway._access(b"Bearer ", b"_token=") is None
    assert gateway._access(None, b"_token=") is None
    assert gateway._access(None, b"") is None
    assert gateway._access(f"Bearer {TOKEN}".encode(), b"") is Access.FULL


READS = [
    ["GET", "s"], ["MGET", "s", "n"], ["EXISTS", "s"], ["TTL", "s"], ["TYPE", "s"], ["STRLEN", "s"], ["HGETALL", "h"],
    ["LRANGE", "l", 0, -1], ["ZRANGE", "z", 0, -1], ["DBSIZE"], ["PING"], ["ECHO", "x"], ["TIME"], ["INFO"],
    ["MEMORY", "USAGE", "s"], ["XLEN", "x"], ["COMMAND"], ["SELECT", 0], ["HSCAN", "h", 0], ["SORT_RO", "l", "ALPHA"],
]  # fmt: skip
WRITES = [
    ["SET", "s", "x"], ["set", "s", "x"], ["DEL", "s"], ["UNLINK", "s"], ["INCR", "n"], ["EXPIRE", "s", 1],
    ["GETDEL", "s"], ["GETEX", "s"], ["LPUSH", "l", "x"], ["HSET", "h", "f", 2], ["ZADD", "z", 1, "b"],
    ["FLUSHALL"], ["FLUSHDB"], ["SORT", "l", "ALPHA", "STORE", "s"], ["COPY", "s", "t"], ["RENAME", "s", "t"],
    ["EVAL", "return redis.call('set','s','x')", 0], ["EVAL_RO", "return redis.call('keys','*')", 0],
    ["SCRIPT", "LOAD", "return 1"], ["FUNCTION", "FLUSH"], ["PUBLISH", "c", "m"], ["SCAN", 0], ["KEYS", "*"],
    ["RANDOMKEY"], ["BITFIELD", "s", "SET", "u8", 0, 1], ["XGROUP", "CREATE", "x", "g", "$", "MKSTREAM"],
    ["CONFIG", "SET", "notify-keyspace-events", "KEA"],
]  # fmt: skip


@pytest.mark.parametrize("command", READS, ids=lambda c: " ".join(map(str, c))[:40])
def test_the_read_only_token_reads(read_client: httpx.Client, command: list[object]) -> None:
    response = read_client.post("/", json=command)
    assert (response.status_code, set(response.json())) == (200, {"result"})


@pytest.mark.parametrize("command", WRITES, ids=lambda c: " ".join(map(str, c))[:40])
def test_the_read_only_token_writes_and_lists_nothing(
    read_client: httpx.Client, keys: redis.Redis, command: list[object]
) -> None:
    refused = f"NOPERM this user has no permissions to run the '{str(command[0]).lower()}' command or its subcommand"
    before = sorted(keys.keys())
    assert read_client.post("/", json=command).json() == {"error": refused}
    piped = read_client.post("/pipeline", json=[["GET", "s"], command, ["GET", "n"]])
    assert (piped.status_code, piped.json()) == (200, [{"result": "value"}, {"error": refused}, {"result": "5"}])
    together = read_client.post("/multi-exec", json=[["GET", "s"], command])
    assert (together.status_code, together.json()) == (400, {"error": refused})
    assert sorted(keys.keys()) == before
    assert keys.get("s") == b"value"


@pytest.fixture(scope="module")
def table(gateway_valkey: object) -> tuple[CommandTable, dict[bytes, tuple[set[bytes], set[bytes]]]]:
    """The real server's commands, and flags and categories of each top-level one."""
    with gateway_valkey.direct() as client:  # type: ignore[attr-defined]
        connection = client.connection_pool.get_connection()
        connection.send_command("COMMAND")
        rows = connection.read_response()
        client.connection_pool.release(connection)
    return CommandTable.read(rows), {row[0].upper(): (set(row[2]), set(row[6])) for row in rows}


def test_no_command_that_valkey_calls_a_write_passes_for_a_reader(table: tuple) -> None:
    commands, facts = table
    writes = [name for name, (flags, _) in facts.items() if b"write" in flags]
    assert len(writes) > 80
    passed = [name for name in writes if isinstance(decide([name, b"x"], commands, read_only=True), Forward)]
    assert passed == []


def test_nothing_that_would_disturb_the_shared_connection_passes_for_anyone(table: tuple) -> None:
    commands, facts = table
    disturbing = [
        name
        for name, (flags, categories) in facts.items()
        if categories & {b"@admin", b"@connection", b"@blocking", b"@transaction"} or b"blocking" in flags
    ]
    passed = {name for name in disturbing if isinstance(decide([name, b"x"], commands, read_only=False), Forward)}
    # XREAD and XREADGROUP pass without BLOCK only, which the conformance table holds.
    assert passed == {b"PING", b"ECHO", b"XREAD", b"XREADGROUP"}
