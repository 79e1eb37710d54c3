"""Which store an address means, as it is written down and compared: no password, and no port of a local stack."""

from __future__ import annotations

from stores.credentials import Credentials, RestUrl
from stores.local.stack import LocalStack
from stores.postgres_url import PostgresUrl
from stores.project import Project

LOCAL = "local"


def database_place(project: Project, url: PostgresUrl | None) -> str:
    """`user@host:port/database` past the pooler, `local` for the stack of this project, "" for none."""
    if url is None:
        return ""
    stack = LocalStack(project.local)
    known = stack.credentials()
    if stack.owns(url) and known is not None and known.database_url is not None:
        own = known.database_url
        return LOCAL if own.database == url.database else f"{LOCAL}/{url.database}"
    direct = url.direct()
    return f"{direct.user}@{direct.endpoint}/{direct.database}"


def cache_place(project: Project, url: RestUrl | None) -> str:
    """The address, `local` for the stack of this project, "" for none."""
    if url is None:
        return ""
    return LOCAL if LocalStack(project.local).owns_rest(url) else str(url)


def is_in_use(project: Project, credentials: Credentials, database: str, cache: str) -> bool:
    """Whether these credentials lead to the places; "" asks nothing."""
    same_database = not database or database_place(project, credentials.database_url) == database
    return same_database and (not cache or cache_place(project, credentials.rest_url) == cache)
