"""What to do where a push fails for an extension: PostgreSQL's text names what is missing, seldom the extension."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from soundcheck.stores.postgres.sql_text import quoted_name

_HOLDERS: Final = {
    "citext": "citext", "hstore": "hstore", "ltree": "ltree", "lquery": "ltree", "cube": "cube", "isbn": "isn",
    "vector": "vector", "halfvec": "vector", "sparsevec": "vector", "vector_cosine_ops": "vector",
    "vector_l2_ops": "vector", "vector_ip_ops": "vector", "geometry": "postgis", "geography": "postgis",
    "gin_trgm_ops": "pg_trgm", "gist_trgm_ops": "pg_trgm", "similarity": "pg_trgm", "unaccent": "unaccent",
    "uuid_generate_v1": "uuid-ossp", "uuid_generate_v4": "uuid-ossp", "uuid_generate_v5": "uuid-ossp",
    "crypt": "pgcrypto", "gen_salt": "pgcrypto", "gen_random_bytes": "pgcrypto", "digest": "pgcrypto",
}  # fmt: skip
"""Types, operator classes and functions that schemas name, and the extension that holds each."""


def _not_there(name: str) -> str:
    extension = _HOLDERS.get(name.lower(), "")
    if not extension:
        return ""
    return (
        f"It comes with the extension {extension}. Create it once in this database: "
        f"CREATE EXTENSION {quoted_name(extension)}; or name it in the datasource's `extensions`, with the preview"
        " feature postgresqlExtensions."
    )


def _not_allowed(extension: str) -> str:
    return (
        f"Have a superuser, or your provider's console, run this once in the database: CREATE EXTENSION"
        f" {quoted_name(extension)}; then run `soundcheck setup` again: a push leaves an extension that is installed"
        " alone."
    )


def _not_available(extension: str) -> str:
    return (
        f"This server does not have {extension}: install its package on the server, use a server that offers it, or"
        " take it out of the schema."
    )


_TEXTS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    (r'permission denied to create extension "([^"]+)"', _not_allowed),
    (r'extension "([^"]+)" is not available', _not_available),
    (r'could not open extension control file ".*/([^"/]+)\.control"', _not_available),
    (r'(?:type|operator class|function) "?(?:[\w$]+\.)?([\w$]+)(?:"|\[|\().*does not exist', _not_there),
)


def extension_hint(said: str) -> str:
    """The cure where an extension is what is missing; "" where it is something else. Pure."""
    for pattern, cure in _TEXTS:
        if found := re.search(pattern, said):
            return cure(found[1])
    return ""
