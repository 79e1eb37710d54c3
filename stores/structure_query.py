"""The statement of `stores.structure`: one JSON document about one relation. PostgreSQL 14 to 18."""

from __future__ import annotations

from typing import Final

STRUCTURE: Final = """
SELECT json_build_object(
    'columns', (SELECT coalesce(json_agg(json_build_object(
            'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull,
            'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity::text,
            'generated', a.attgenerated::text,
            'collation', CASE WHEN a.attcollation <> t.typcollation
                THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
            'comment', col_description(c.oid, a.attnum)) ORDER BY a.attnum), '[]')
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'indexes', (SELECT coalesce(json_agg(json_build_object(
            'name', ic.relname, 'definition', pg_get_indexdef(ic.oid), 'method', am.amname,
            'columns', ARRAY(SELECT coalesce(a.attname, pg_get_indexdef(ic.oid, k, true))
                FROM generate_series(1, x.indnkeyatts) k
                LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[k - 1] AND a.attnum > 0),
            'unique', x.indisunique, 'primary', x.indisprimary, 'valid', x.indisvalid,
            'bytes', pg_relation_size(ic.oid), 'scans', s.idx_scan) ORDER BY NOT x.indisprimary, ic.relname), '[]')
        FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid JOIN pg_am am ON am.oid = ic.relam
        LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = x.indexrelid
        WHERE x.indrelid = c.oid),
    'constraints', (SELECT coalesce(json_agg(json_build_object(
            'name', k.conname, 'kind', k.contype::text, 'definition', pg_get_constraintdef(k.oid),
            'validated', k.convalidated, 'index', ki.relname)
            ORDER BY position(k.contype::text IN 'pufcxnt'), k.conname), '[]')
        FROM pg_constraint k LEFT JOIN pg_class ki ON ki.oid = k.conindid WHERE k.conrelid = c.oid),
    'comment', obj_description(c.oid, 'pg_class'),
    'view', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid, true) END,
    'partition_key', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
    'parent', CASE WHEN c.relispartition THEN (SELECT quote_ident(pn.nspname) || '.' || quote_ident(p.relname)
        FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
        WHERE i.inhrelid = c.oid) END,
    'bound', pg_get_expr(c.relpartbound, c.oid),
    'server', (SELECT quote_ident(fs.srvname) FROM pg_foreign_table ft JOIN pg_foreign_server fs
        ON fs.oid = ft.ftserver WHERE ft.ftrelid = c.oid),
    'unlogged', c.relpersistence = 'u',
    'dead', st.n_dead_tup,
    'vacuumed', greatest(st.last_vacuum, st.last_autovacuum)::text,
    'analyzed', greatest(st.last_analyze, st.last_autoanalyze)::text,
    'types', ARRAY(SELECT DISTINCT format_type(t.oid, NULL) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        JOIN pg_namespace tn ON tn.oid = t.typnamespace
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND tn.nspname <> 'pg_catalog' ORDER BY 1),
    'triggers', ARRAY(SELECT tgname FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal ORDER BY 1),
    'policies', c.relrowsecurity
)::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_all_tables st ON st.relid = c.oid
WHERE n.nspname = $1 AND c.relname = $2
"""
