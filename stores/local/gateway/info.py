"""Valkey's INFO with Upstash's sections and fields, so that a program meets locally what it will meet there. Pure.

Fields as seen on live databases; `server_name` and `valkey_version` stand beside them, so that one can tell. Reads and
writes are counted out of the command statistics, for Valkey's own fields of those names count sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from soundcheck.stores.upstash.statistics import read_info

UPSTASH_VERSION: Final = "1.13.3"
"""The version whose fields are imitated."""

FREE_PLAN_BYTES: Final = 268_435_456
"""What `max_data_size` says on the free plan, used where Valkey has no limit of its own."""

_SECTIONS: Final = ("server", "clients", "memory", "persistence", "stats", "cluster", "keyspace")
_WRITES_NOTHING: Final = frozenset({b"PING", b"ECHO", b"INFO", b"TIME", b"COMMAND", b"AUTH", b"MULTI", b"EXEC"})


def upstash_info(reply: bytes, asked: Sequence[bytes], readable: frozenset[bytes]) -> bytes:
    """The text for the sections asked for; no section, `default` and `all` mean all, an unknown one a bare heading."""
    fields = read_info(reply.decode("utf-8", "replace"))
    names = [name.decode("utf-8", "replace").lower() for name in asked]
    if not names or {"default", "all", "everything"} & set(names):
        names = list(_SECTIONS)
    lines: list[str] = []
    for name in dict.fromkeys(names):
        builder = _BUILDERS.get(name)
        lines.append(f"# {name[:64].capitalize()}")
        if builder is not None:
            lines += [f"{field}:{value}" for field, value in builder(fields, readable).items()]
        lines.append("")
    return "\r\n".join(lines).encode()


def _server(fields: Mapping[str, str], _: frozenset[bytes]) -> dict[str, str]:
    return {
        "upstash_version": UPSTASH_VERSION,
        "redis_version": fields.get("redis_version", ""),
        "redis_git_sha1": fields.get("redis_git_sha1", ""),
        "redis_build_id": fields.get("redis_build_id", ""),
        "redis_mode": "standalone",
        "server_name": fields.get("server_name", "redis"),
        "valkey_version": fields.get("valkey_version", ""),
        "uptime_in_seconds": fields.get("uptime_in_seconds", "0"),
    }


def _clients(fields: Mapping[str, str], _: frozenset[bytes]) -> dict[str, str]:
    return _picked(fields, "connected_clients", "maxclients")


def _memory(fields: Mapping[str, str], _: frozenset[bytes]) -> dict[str, str]:
    return _picked(fields, "used_memory", "used_memory_human", "maxmemory", "maxmemory_policy")


def _persistence(fields: Mapping[str, str], _: frozenset[bytes]) -> dict[str, str]:
    limit = fields.get("maxmemory", "0")
    return {
        "total_keys": str(_keys(fields)),
        "total_data_size": fields.get("used_memory_dataset", "0"),
        "max_data_size": limit if limit != "0" else str(FREE_PLAN_BYTES),
    }


def _stats(fields: Mapping[str, str], readable: frozenset[bytes]) -> dict[str, str]:
    reads, writes = _calls(fields, readable)
    picked = _picked(
        fields,
        "total_connections_received",
        "total_commands_processed",
        "instantaneous_ops_per_sec",
        "expired_keys",
        "evicted_keys",
        "evicted_clients",
        "keyspace_hits",
        "keyspace_misses",
    )
    return picked | {
        "max_ops_per_sec": "10000",
        "total_reads_processed": str(reads),
        "total_writes_processed": str(writes),
    }


def _cluster(_: Mapping[str, str], __: frozenset[bytes]) -> dict[str, str]:
    return {"cluster_enabled": "0"}


def _keyspace(fields: Mapping[str, str], _: frozenset[bytes]) -> dict[str, str]:
    parts = [
        part for part in fields.get("db0", "").split(",") if part.partition("=")[0] in {"keys", "expires", "avg_ttl"}
    ]
    return {"db0": ",".join(parts)} if parts else {}


_BUILDERS: Final[Mapping[str, Callable[[Mapping[str, str], frozenset[bytes]], dict[str, str]]]] = {
    "server": _server,
    "clients": _clients,
    "memory": _memory,
    "persistence": _persistence,
    "stats": _stats,
    "cluster": _cluster,
    "keyspace": _keyspace,
}


def _picked(fields: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: fields.get(name, "0") for name in names}


def _keys(fields: Mapping[str, str]) -> int:
    for part in fields.get("db0", "").split(","):
        name, _, value = part.partition("=")
        if name == "keys" and value.isdigit():
            return int(value)
    return 0


def _calls(fields: Mapping[str, str], readable: frozenset[bytes]) -> tuple[int, int]:
    """Reads and writes, summed over `cmdstat_get:calls=12,usec=…`."""
    reads = writes = 0
    for name, value in fields.items():
        if not name.startswith("cmdstat_"):
            continue
        command = name.removeprefix("cmdstat_").upper().encode()
        calls = value.partition(",")[0].removeprefix("calls=")
        count = int(calls) if calls.isdigit() else 0
        if command in readable:
            reads += count
        elif command not in _WRITES_NOTHING:
            writes += count
    return reads, writes
