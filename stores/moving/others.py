"""What a database has besides its tables and rows: hand-made indexes, triggers, views, functions, policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    Connection = AsyncConnection[tuple[Any, ...]]

_OTHERS: Final = """
WITH own AS (SELECT oid FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'),
of_extensions AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
SELECT 'index ' || i.relname || ' of ' || t.relname, t.relname::text
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE t.relnamespace IN (SELECT oid FROM own) AND NOT i.relispartition AND t.relkind IN ('r', 'p')
  AND ('pg_class'::regclass, t.oid) NOT IN (SELECT classid, objid FROM of_extensions)
UNION ALL
SELECT 'trigger ' || g.tgname || ' of ' || t.relname, t.relname
FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND t.relnamespace IN (SELECT oid FROM own)
UNION ALL
SELECT 'policy ' || p.polname || ' of ' || t.relname, t.relname
FROM pg_policy p JOIN pg_class t ON t.oid = p.polrelid WHERE t.relnamespace IN (SELECT oid FROM own)
UNION ALL
SELECT CASE c.relkind WHEN 'f' THEN 'foreign table ' ELSE 'view ' END || c.relname, '' FROM pg_class c
WHERE c.relkind IN ('v', 'm', 'f') AND c.relnamespace IN (SELECT oid FROM own)
  AND ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM of_extensions)
UNION ALL
SELECT 'function ' || p.proname, '' FROM pg_proc p
WHERE p.pronamespace IN (SELECT oid FROM own)
  AND ('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM of_extensions)
"""


async def read_others(connection: Connection) -> Mapping[str, str]:
    """Each as it is said (`index by_hand of users`, `view top_songs`), with its table's name or "".

    Raises `psycopg.Error`.
    """
    answer = await connection.execute(_OTHERS)
    return {str(said): str(table) for said, table in await answer.fetchall()}
