"""The catalogue's statements. Every fact is read from the system catalogues, PostgreSQL 14 to 18."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

RELATIONS: Final = """
SELECT current_schema(), r.*
FROM (SELECT 1) AS always
LEFT JOIN LATERAL (
    SELECT c.oid, n.nspname, c.relname, c.relkind::text,
        CASE WHEN c.relkind = 'p' THEN parts.tuples
             WHEN c.reltuples < 0 OR (c.relpages = 0 AND pg_relation_size(c.oid) > 0) THEN -1
             WHEN c.relpages = 0 THEN 0
             ELSE c.reltuples / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::int)
        END::float8,
        CASE WHEN c.relkind = 'p' THEN parts.bytes
             WHEN c.relkind IN ('r', 'm') THEN pg_total_relation_size(c.oid) END::bigint,
        has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AND c.relispopulated,
        (SELECT p.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
         WHERE c.relispartition AND i.inhrelid = c.oid LIMIT 1),
        obj_description(c.oid, 'pg_class'),
        coalesce((SELECT json_agg(a.attname ORDER BY k.place)
            FROM pg_index x, unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place), pg_attribute a
            WHERE x.indrelid = c.oid AND x.indisprimary AND x.indisvalid AND x.indimmediate
              AND k.place <= x.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.number), '[]')::text,
        coalesce((SELECT json_agg(json_build_object('name', ic.relname, 'unique', x.indisunique AND x.indimmediate,
                'columns', (SELECT json_agg(json_build_object('name', a.attname,
                        'desc', (x.indoption[k.place - 1] & 1) <> 0,
                        'first', (x.indoption[k.place - 1] & 2) <> 0) ORDER BY k.place)
                    FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place), pg_attribute a
                    WHERE k.place <= x.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.number))
                ORDER BY ic.relname)
            FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid JOIN pg_am am ON am.oid = ic.relam
            WHERE x.indrelid = c.oid AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL
              AND am.amname = 'btree'), '[]')::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN LATERAL (
        SELECT sum(pg_total_relation_size(t.relid)) AS bytes,
            CASE WHEN min(pc.reltuples) < 0 THEN -1 ELSE sum(pc.reltuples) END AS tuples
        FROM pg_partition_tree(c.oid) t JOIN pg_class pc ON pc.oid = t.relid AND t.isleaf
    ) parts ON c.relkind = 'p'
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
) r ON true
"""
"""One row a relation, and one with NULLs where there is none, so that the default schema is always known."""

RELATIONS_WITHOUT_LOCKS: Final = (
    RELATIONS.replace("pg_total_relation_size(c.oid)", "c.relpages::bigint * current_setting('block_size')::int")
    .replace("pg_relation_size(c.oid)", "c.relpages::bigint * current_setting('block_size')::int")
    .replace("pg_total_relation_size(t.relid)", "pc.relpages::bigint * current_setting('block_size')::int")
)
"""The same with the sizes of the last VACUUM: asking for today's waits for whoever alters a table."""

COLUMNS: Final = """
WITH RECURSIVE base AS (
    SELECT oid AS of, oid, typtype, typbasetype, typnotnull AS required FROM pg_type
    UNION ALL
    SELECT base.of, t.oid, t.typtype, t.typbasetype, base.required OR t.typnotnull
    FROM base JOIN pg_type t ON base.typtype = 'd' AND t.oid = base.typbasetype
)
SELECT c.oid, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN b.typelem <> 0 AND b.typlen = -1 AND b.typcategory = 'A'
         THEN (SELECT e.typname FROM pg_type e WHERE e.oid = b.typelem) || '[]' ELSE b.typname END,
    format_type(b.oid, -1), NOT (a.attnotnull OR base.required), b.typlen > 0,
    pg_get_expr(d.adbin, d.adrelid), coalesce(col_description(c.oid, a.attnum), ''),
    ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = b.oid ORDER BY e.enumsortorder),
    a.attgenerated <> '', a.attidentity = 'a'
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN base ON base.of = a.atttypid AND base.typtype <> 'd'
JOIN pg_type b ON b.oid = base.oid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY c.oid, a.attnum
"""


def count_query(tables: Sequence[tuple[int, str, str]], limit: int) -> str:
    """Count each of (oid, schema, name) up to `limit` + 1 rows, all in one statement."""
    from psycopg import sql

    parts = [
        sql.SQL("SELECT {}::bigint, (SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {}) s)").format(
            sql.Literal(oid), sql.Identifier(schema, name), sql.Literal(limit + 1)
        )
        for oid, schema, name in tables
    ]
    return sql.SQL(" UNION ALL ").join(parts).as_string(None)
