"""The names under which the world writes these values, what each means, and which of two wins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a value is for."""

    DATABASE = "database"
    DIRECT = "direct"
    REST_URL = "rest_url"
    TOKEN = "token"  # noqa: S105 - a word
    READONLY_TOKEN = "readonly_token"  # noqa: S105 - a word
    REDIS = "redis"
    NEON_KEY = "neon_key"
    UPSTASH_KEY = "upstash_key"
    PART = "part"


@dataclass(frozen=True, slots=True)
class NameMeaning:
    """A role and how surely the name says it: of two values the higher `rank` wins."""

    role: Role
    rank: int
    part: str = ""
    """For `PART`: family and piece, as `PG.host`."""


_URLS: Final = {
    Role.DATABASE: (
        ("DATABASE_URL", 9), ("NEON_DATABASE_URL", 8), ("POSTGRES_PRISMA_URL", 7), ("POSTGRES_URL", 6),
        ("POSTGRESQL_URL", 6), ("PG_URL", 6), ("PGURL", 6), ("DB_URL", 6), ("DATABASE_URI", 6),
        ("SQLALCHEMY_DATABASE_URI", 6), ("CONNECTION_URI", 5), ("CONNECTION_STRING", 5), ("CONNECTION_URL", 5),
        ("POOLED_URL", 6), ("POOLED_CONNECTION", 6), ("POOLED_CONNECTION_STRING", 6), ("POSTGRES_CONNECTION_STRING", 5),
        ("POSTGRESQL_CONNECTION_STRING", 5), ("DATABASE_CONNECTION_STRING", 5), ("DATABASE_ADDRESS", 5), ("URI", 4),
    ),
    Role.DIRECT: (
        ("DIRECT_URL", 9), ("DATABASE_URL_UNPOOLED", 8), ("POSTGRES_URL_NON_POOLING", 7), ("DIRECT_DATABASE_URL", 8),
        ("UNPOOLED_DATABASE_URL", 8), ("DATABASE_DIRECT_URL", 8), ("POSTGRES_DIRECT_URL", 8), ("DIRECT_CONNECTION", 6),
        ("DIRECT_CONNECTION_STRING", 6), ("DIRECT_ADDRESS", 6), ("UNPOOLED_URL", 6), ("UNPOOLED_CONNECTION", 6),
        ("UNPOOLED_CONNECTION_STRING", 6), ("NON_POOLED_URL", 6),
    ),
    Role.REST_URL: (
        ("UPSTASH_REDIS_REST_URL", 9), ("KV_REST_API_URL", 8), ("REDIS_REST_URL", 8), ("REST_URL", 7),
        ("REST_API_URL", 7), ("UPSTASH_REST_URL", 8), ("REST_ENDPOINT", 7), ("REST_ADDRESS", 7),
    ),
    Role.TOKEN: (
        ("UPSTASH_REDIS_REST_TOKEN", 9), ("KV_REST_API_TOKEN", 8), ("REDIS_REST_TOKEN", 8), ("REST_TOKEN", 8),
        ("REST_API_TOKEN", 8), ("UPSTASH_REST_TOKEN", 8), ("STANDARD_TOKEN", 7), ("REDIS_TOKEN", 7),
        ("UPSTASH_TOKEN", 7), ("READ_WRITE_TOKEN", 7), ("FULL_ACCESS_TOKEN", 7), ("TOKEN", 6),
    ),
    Role.READONLY_TOKEN: (
        ("KV_REST_API_READ_ONLY_TOKEN", 8), ("UPSTASH_REDIS_REST_READONLY_TOKEN", 9),
        ("UPSTASH_REDIS_REST_READ_ONLY_TOKEN", 9), ("UPSTASH_REDIS_REST_TOKEN_READONLY", 9),
        ("READ_ONLY_REST_TOKEN", 8), ("READ_ONLY_TOKEN", 8), ("READONLY_TOKEN", 8), ("READONLY_REST_TOKEN", 8),
        ("REST_TOKEN_READ_ONLY", 8), ("REST_TOKEN_READONLY", 8), ("TOKEN_READ_ONLY", 8), ("TOKEN_READONLY", 8),
    ),
    Role.REDIS: (("REDIS_URL", 9), ("KV_URL", 8), ("UPSTASH_REDIS_URL", 9), ("REDIS_TLS_URL", 8), ("REDIS_URI", 8)),
    Role.NEON_KEY: (("NEON_API_KEY", 9),),
    Role.UPSTASH_KEY: (("UPSTASH_API_KEY", 9), ("UPSTASH_MANAGEMENT_API_KEY", 9)),
}  # fmt: skip

_PIECES: Final = {
    "HOST": "host", "HOSTADDR": "host", "PORT": "port", "USER": "user", "USERNAME": "user", "PASSWORD": "password",
    "PASS": "password", "DATABASE": "database", "DB": "database", "DBNAME": "database", "NAME": "database",
    "SSLMODE": "sslmode", "ENDPOINT": "host",
}  # fmt: skip
_FAMILIES: Final = (
    ("PG", ""), ("POSTGRES", "_"), ("POSTGRESQL", "_"), ("DB", "_"), ("DATABASE", "_"), ("REDIS", "_"), ("", ""),
)  # fmt: skip

_MEANINGS: Final[dict[str, NameMeaning]] = {
    name: NameMeaning(role, rank) for role, names in _URLS.items() for name, rank in names
}
for _family, _joint in _FAMILIES:
    for _word, _piece in _PIECES.items():
        if _family or _word not in {"NAME", "DB", "PASS", "SSLMODE", "HOSTADDR"}:
            _MEANINGS.setdefault(
                f"{_family}{_joint}{_word}", NameMeaning(Role.PART, 1, f"{_family or 'plain'}.{_piece}")
            )

_JOINTS: Final = re.compile(r"[-_. ()*`]+")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PREFIXES: Final = (
    "NEXT_PUBLIC_",
    "VITE_",
    "NUXT_",
    "REACT_APP_",
    "PROD_",
    "DEV_",
    "STAGING_",
    "STORAGE_",
    "NEON_",
    "APP_",
)
_SHOWABLE: Final = re.compile(r"[A-Z]{2,16}(?:_[A-Z]{1,16}){0,6}")


def meaning_of(name: str) -> NameMeaning | None:
    """What a name says, whatever its case (`restToken`, `rest-token`, `KV_REST_API_TOKEN`); None where nothing."""
    plain = _JOINTS.sub("_", _CAMEL.sub("_", name)).upper().strip("_")
    found = _MEANINGS.get(plain)
    for prefix in _PREFIXES:
        if found is None and plain.startswith(prefix):
            found = _MEANINGS.get(plain.removeprefix(prefix))
    return found


def showable(name: str) -> str:
    """A variable's name where it plainly is one, else a word for it: a pasted secret must not be shown as a name."""
    return name if _SHOWABLE.fullmatch(name) and len(name) <= 40 else "a value"
