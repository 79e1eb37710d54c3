"""The text of Redis' INFO as fields, whoever sent it: Redis, Valkey, Upstash, or our gateway."""

from __future__ import annotations


def read_info(text: str) -> dict[str, str]:
    """The `name:value` lines; headings and whatever else stands in it are passed over."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            fields[name.strip()] = value.strip()
    return fields
