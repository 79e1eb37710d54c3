"""A connection in keywords, as libpq and .NET write it: `host=… user=…`, `Host=…;Username=…`. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

_LONGEST: Final = 4096
_PAIR: Final = re.compile(
    r"\s{0,8}(?P<name>[A-Za-z]+(?: [A-Za-z]+){0,2})\s{0,8}=\s{0,8}"
    r"(?P<value>'(?:\\.|''|[^'\\])*'|\"[^\"]*\"|[^;\s'\"][^;\s]*|)\s{0,8}(?:;|(?=\s)|$)"
)
_WORDS: Final = {
    "host": "host", "server": "host", "hostaddr": "host", "port": "port", "user": "user", "username": "user",
    "user id": "user", "userid": "user", "uid": "user", "password": "password", "pwd": "password",
    "dbname": "database", "database": "database", "db": "database", "initial catalog": "database",
    "sslmode": "sslmode", "ssl mode": "sslmode", "channel_binding": "",
}  # fmt: skip
_MODES: Final = {"verifyca": "verify-ca", "verifyfull": "verify-full"}


def address_of(text: str) -> str:
    """The same as an address; "" where the text is nothing of the kind. Never raises."""
    if "=" not in text or "://" in text or len(text) > _LONGEST:
        return ""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None or pair.end() == at:
            return ""
        if name := _WORDS.get(pair["name"].lower(), ""):
            found[name] = _bare(pair["value"])
        at = pair.end()
    if not found.get("host") or not {"user", "database"} & found.keys():
        return ""
    part = {name: quote(value, safe="") for name, value in found.items()}
    mode = _MODES.get(found.get("sslmode", "").lower(), found.get("sslmode", "").lower())
    user = part.get("user", "") + (f":{part['password']}" if part.get("password") else "")
    host = found["host"] if not found["host"].startswith("/") else part["host"]
    place = host + (f":{part['port']}" if part.get("port") and ":" not in host else "")
    query = f"?sslmode={quote(mode, safe='')}" if mode else ""
    return f"postgresql://{user}{'@' if user else ''}{place}/{part.get('database', '')}{query}"


def _bare(value: str) -> str:
    if value[:1] == "'":
        return re.sub(r"\\(.)", r"\1", value[1:-1]).replace("''", "'")
    return value[1:-1] if value[:1] == '"' else value
