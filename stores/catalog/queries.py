"""The catalogue's statements. Every fact is read from the system catalogues, PostgreSQL 14 to 18."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from soundcheck.stores.postgres.sql_text import quoted_name

FINGERPRINT: Final = """
SELECT md5(string_agg(kind || ':' || many || ':' || marks, ',' ORDER BY kind)) FROM (
    SELECT kind, count(*) AS many, sum(hashtextextended(mark, 0)) AS marks FROM (
        WITH theirs AS MATERIALIZED (
            SELECT oid, xmin FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
        ), relation AS MATERIALIZED (
            SELECT c.oid, c.xmin FROM pg_class c JOIN theirs ON theirs.oid = c.relnamespace
        )
        SELECT 1 AS kind, concat_ws(':', oid, xmin) AS mark FROM theirs
        UNION ALL SELECT 2, concat_ws(':', oid, xmin) FROM relation
        UNION ALL SELECT 3, concat_ws(':', a.attrelid, a.attnum, a.xmin)
            FROM pg_attribute a JOIN relation ON relation.oid = a.attrelid WHERE a.attnum > 0
        UNION ALL SELECT 4, concat_ws(':', d.oid, d.xmin) FROM pg_attrdef d
        UNION ALL SELECT 5, concat_ws(':', x.indexrelid, x.xmin)
            FROM pg_index x JOIN relation ON relation.oid = x.indrelid
        UNION ALL SELECT 6, concat_ws(':', k.oid, k.xmin)
            FROM pg_constraint k JOIN theirs ON theirs.oid = k.connamespace
        UNION ALL SELECT 7, concat_ws(':', i.inhrelid, i.xmin) FROM pg_inherits i
        UNION ALL SELECT 8, concat_ws(':', t.oid, t.xmin) FROM pg_type t JOIN theirs ON theirs.oid = t.typnamespace
        UNION ALL SELECT 9, concat_ws(':', e.oid, e.xmin) FROM pg_enum e
        UNION ALL SELECT 10, concat_ws(':', s.objoid, s.objsubid, s.xmin)
            FROM pg_description s JOIN relation ON relation.oid = s.objoid WHERE s.classoid = 'pg_class'::regclass
        UNION ALL SELECT 11, concat_ws(':', m.roleid, m.member, m.xmin) FROM pg_auth_members m
    ) AS marked GROUP BY kind
) AS counted
"""
"""One text that changes with every change to what is read below, rights included, and with nothing else that is common.

Every such change writes a catalogue row anew, so that its `xmin` is another one. ANALYZE and VACUUM do not.
"""

RELATIONS: Final = """
SELECT current_schema(), (FINGERPRINT), r.*
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
        has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') AND c.relispopulated,
        (SELECT p.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
         WHERE c.relispartition AND i.inhrelid = c.oid LIMIT 1),
        obj_description(c.oid, 'pg_class'),
        coalesce((SELECT json_agg(a.attname ORDER BY k.place)
            FROM pg_index x, unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place), pg_attribute a
            WHERE x.indrelid = c.oid AND x.indisprimary AND x.indimmediate
              AND x.indisvalid AND x.indisready AND x.indislive AND NOT heirs.there
              AND k.place <= x.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.number), '[]')::text,
        coalesce((SELECT json_agg(json_build_object('name', ic.relname, 'unique', x.indisunique AND x.indimmediate,
                'nulls_alike', coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false),
                'in_order', (SELECT bool_and(x.indcollation[k.place - 1] = a.attcollation AND o.opcdefault
                        AND (o.opcintype = a.atttypid OR NOT EXISTS (SELECT FROM pg_opclass own
                            WHERE own.opcmethod = o.opcmethod AND own.opcdefault AND own.opcintype = a.atttypid)))
                    FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place), pg_attribute a, pg_opclass o
                    WHERE k.place <= x.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.number
                      AND o.oid = x.indclass[k.place - 1]),
                'columns', (SELECT json_agg(json_build_object('name', a.attname,
                        'desc', (x.indoption[k.place - 1] & 1) <> 0,
                        'first', (x.indoption[k.place - 1] & 2) <> 0) ORDER BY k.place)
                    FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place), pg_attribute a
                    WHERE k.place <= x.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.number))
                ORDER BY ic.relname)
            FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid JOIN pg_am am ON am.oid = ic.relam
            WHERE x.indrelid = c.oid AND x.indisvalid AND x.indisready AND x.indislive
              AND x.indpred IS NULL AND x.indexprs IS NULL AND am.amname = 'btree' AND NOT heirs.there), '[]')::text,
        c.relkind IN ('r', 'm') AND NOT heirs.there AND has_column_privilege(c.oid, 'ctid', 'SELECT')
            AND EXISTS (SELECT FROM pg_am WHERE pg_am.oid = c.relam AND pg_am.amname = 'heap')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN LATERAL (
        SELECT sum(pg_total_relation_size(t.relid)) AS bytes,
            CASE WHEN min(pc.reltuples) < 0 THEN -1 ELSE sum(pc.reltuples) END AS tuples
        FROM pg_partition_tree(c.oid) t JOIN pg_class pc ON pc.oid = t.relid AND t.isleaf
    ) parts ON c.relkind = 'p'
    CROSS JOIN LATERAL (
        SELECT c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid) AS there
    ) heirs
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
) r ON true
""".replace("FINGERPRINT", FINGERPRINT)
"""One row a relation, and one with NULLs where there is none, so that the default schema is always known.

A parent of inheritance (`heirs`) has neither key nor indexes here: those that it has leave out its children's rows,
which every query of it reads. A partitioned table's own indexes cover all of its partitions once they are valid.
"""

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
), made AS (
    SELECT DISTINCT a.atttypid AS of, a.atttypid AS part
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    UNION
    SELECT made.of, within.oid
    FROM made JOIN pg_type t ON t.oid = made.part CROSS JOIN LATERAL (
        SELECT t.typbasetype AS oid WHERE t.typtype = 'd'
        UNION ALL SELECT t.typelem WHERE t.typelem <> 0 AND t.typlen = -1 AND t.typcategory = 'A'
        UNION ALL SELECT a.atttypid FROM pg_attribute a
            WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) within
), comparable AS MATERIALIZED (
    SELECT o.opcintype AS oid FROM pg_opclass o WHERE o.opcmethod = 403 AND o.opcdefault
    UNION
    SELECT k.castsource FROM pg_cast k JOIN pg_opclass o ON o.opcintype = k.casttarget
    WHERE o.opcmethod = 403 AND o.opcdefault AND k.castmethod = 'b' AND k.castcontext = 'i'
), unordered AS MATERIALIZED (
    SELECT DISTINCT made.of
    FROM made JOIN pg_type t ON t.oid = made.part
    WHERE t.typtype IN ('b', 'p') AND NOT (t.typelem <> 0 AND t.typlen = -1 AND t.typcategory = 'A')
      AND t.oid NOT IN (SELECT comparable.oid FROM comparable)
), unsure AS (
    SELECT i.inhparent AS oid FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent AND p.relkind = 'r'
    UNION SELECT i.inhparent FROM pg_inherits i JOIN pg_class f ON f.oid = i.inhrelid AND f.relkind = 'f'
    UNION SELECT i.inhparent FROM unsure u JOIN pg_inherits i ON i.inhrelid = u.oid
)
SELECT c.oid, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN b.typelem <> 0 AND b.typlen = -1 AND b.typcategory = 'A'
         THEN (SELECT e.typname FROM pg_type e WHERE e.oid = b.typelem) || '[]' ELSE b.typname END,
    format_type(b.oid, -1), NOT (a.attnotnull OR base.required), b.typlen > 0,
    pg_get_expr(d.adbin, d.adrelid), coalesce(col_description(c.oid, a.attnum), ''),
    ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = b.oid ORDER BY e.enumsortorder),
    a.attgenerated <> '', a.attidentity = 'a',
    a.atttypid NOT IN (SELECT u.of FROM unordered u),
    NOT coalesce((SELECT co.collisdeterministic FROM pg_collation co WHERE co.oid = a.attcollation), true),
    NOT a.attnotnull OR c.relkind = 'f' OR c.oid IN (SELECT oid FROM unsure) OR EXISTS (SELECT FROM pg_constraint nn
        WHERE nn.conrelid = c.oid AND nn.contype = 'n' AND NOT nn.convalidated AND nn.conkey[1] = a.attnum),
    a.attnum, has_column_privilege(c.oid, a.attnum, 'SELECT')
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
"""One row a column.

`unordered` are types without a default btree operator class (403 is btree's OID), and whatever is made of one.
Whether a column may hold NULL whatever is declared: a NOT NULL is believed where the server holds it for every row that
a query of the relation gives. That is not so on another server, for the children of a parent (`unsure`), while it is
NOT VALID, and for a domain, of which a row may hold NULL.
"""


def count_query(tables: Sequence[tuple[int, str, str]], limit: int) -> str:
    """Count each of (oid, schema, name) up to `limit` + 1 rows, all in one statement."""
    capped = "SELECT {}::bigint, (SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {}) s)"
    return " UNION ALL ".join(capped.format(oid, quoted_name(schema, name), limit + 1) for oid, schema, name in tables)
