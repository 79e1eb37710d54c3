"""The text of Redis' INFO as fields, whoever sent it: Redis, Valkey, Upstash, or our gateway."""

from __future__ import annotations

from collections.abc import Mapping


def read_info(text: str) -> dict[str, str]:
    """The `name:value` lines; headings and whatever else stands in it are passed over."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            fields[name.strip()] = value.strip()
    return fields


def server_identity(fields: Mapping[str, str]) -> tuple[str, str, bool]:
    """Name, version, and whether it is Upstash itself: our local gateway has Valkey's version beside Upstash's."""
    if valkey := fields.get("valkey_version"):
        return "Valkey", valkey, False
    if upstash := fields.get("upstash_version"):
        return "Upstash", upstash, True
    return "Redis", fields.get("redis_version", ""), False
