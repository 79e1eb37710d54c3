"""How much room the target has, and whether the role may create anything there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    Connection = AsyncConnection[tuple[Any, ...]]

MEBIBYTE: Final = 1024 * 1024

_FACTS: Final = """
SELECT current_setting('server_version'), pg_database_size(current_database()),
    (SELECT setting FROM pg_settings WHERE name = 'neon.max_cluster_size'),
    coalesce((SELECT has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE')
              FROM pg_namespace n WHERE n.nspname = coalesce($1, current_schema())),
             has_database_privilege(current_database(), 'CREATE')),
    current_user::text, pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool
"""


@dataclass(frozen=True, slots=True)
class TargetRoom:
    """The target before anything is written. Sizes in bytes; `limit` is None where the server has none of its own."""

    server_version: str
    used: int
    limit: int | None
    may_create: bool
    role: str
    read_only: bool

    @property
    def free(self) -> int | None:
        """What is left below the limit."""
        return None if self.limit is None else max(0, self.limit - self.used)


async def read_room(connection: Connection, schema: str | None) -> TargetRoom:
    """Ask; `schema` is the one that the URL names. Neon tells its plan's limit in MB, -1 for none."""
    answer = await connection.execute(_FACTS, [schema])
    row = await answer.fetchone()
    assert row is not None  # noqa: S101 - one row without FROM
    version, used, limit, may_create, role, read_only = row
    megabytes = int(limit) if limit not in {None, ""} else -1
    return TargetRoom(
        server_version=str(version),
        used=int(used),
        limit=megabytes * MEBIBYTE if megabytes > 0 else None,
        may_create=bool(may_create),
        role=str(role),
        read_only=bool(read_only),
    )
