"""What the server's catalogue says of a relation, as a set to compare: (kind of fact, name, text)."""

from __future__ import annotations

from typing import Any

import psycopg

Fact = tuple[str, ...]

_OF_RELATION = """
SELECT ARRAY['relation', c.relname, concat_ws(' ', c.relkind, c.relpersistence, c.relispopulated, c.reloptions,
    (SELECT reloptions FROM pg_class l WHERE l.oid = c.reltoastrelid), c.relispartition, pg_get_partkeydef(c.oid),
    pg_get_expr(c.relpartbound, c.oid), c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
    (SELECT amname FROM pg_am WHERE oid = c.relam))]
FROM pg_class c WHERE c.oid = %(oid)s
UNION ALL SELECT ARRAY['comment', c.relname, obj_description(c.oid, 'pg_class')] FROM pg_class c WHERE c.oid = %(oid)s
UNION ALL SELECT ARRAY['order', 'columns', string_agg(attname, ',' ORDER BY attnum)]
    FROM pg_attribute WHERE attrelid = %(oid)s AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT ARRAY['column', a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull,
    'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity, 'generated', a.attgenerated,
    'storage', a.attstorage, a.attcompression, nullif(a.attstattarget, -1), a.attoptions,
    'collation', a.attcollation::regcollation, 'inherited', a.attislocal, a.attinhcount,
    'comment', col_description(a.attrelid, a.attnum))]
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = %(oid)s AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT ARRAY['constraint', k.conname, concat_ws(' ', k.contype, pg_get_constraintdef(k.oid), k.convalidated,
    k.conislocal, k.coninhcount, obj_description(k.oid, 'pg_constraint'))]
    FROM pg_constraint k WHERE k.conrelid = %(oid)s AND k.contype <> 't'
UNION ALL SELECT ARRAY['index', i.indexrelid::regclass::text, concat_ws(' ', pg_get_indexdef(i.indexrelid),
    i.indisvalid, i.indisclustered, i.indisreplident, k.reloptions, obj_description(k.oid, 'pg_class'),
    (SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = k.oid))]
    FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid WHERE i.indrelid = %(oid)s
UNION ALL SELECT ARRAY['sequence', s.seqrelid::regclass::text, concat_ws(' ', format_type(s.seqtypid, NULL), s.seqstart,
    s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle, d.refobjsubid > 0, d.deptype)]
    FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = %(oid)s
UNION ALL SELECT ARRAY['parent', i.inhparent::regclass::text, i.inhseqno::text] FROM pg_inherits i
    WHERE i.inhrelid = %(oid)s
UNION ALL SELECT ARRAY['heir', i.inhrelid::regclass::text] FROM pg_inherits i WHERE i.inhparent = %(oid)s
UNION ALL SELECT ARRAY['view', c.relname, pg_get_viewdef(c.oid)] FROM pg_class c
    WHERE c.oid = %(oid)s AND c.relkind IN ('v', 'm')
UNION ALL SELECT ARRAY['policy', p.polname, concat_ws(' ', p.polpermissive, p.polcmd, p.polroles = '{0}',
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))]
    FROM pg_policy p WHERE p.polrelid = %(oid)s
UNION ALL SELECT ARRAY['trigger', t.tgname, pg_get_triggerdef(t.oid)] FROM pg_trigger t
    WHERE t.tgrelid = %(oid)s AND NOT t.tgisinternal
UNION ALL SELECT ARRAY['rule', w.rulename, pg_get_ruledef(w.oid)] FROM pg_rewrite w
    WHERE w.ev_class = %(oid)s AND w.rulename <> '_RETURN'
UNION ALL SELECT ARRAY['statistics', s.stxname, pg_get_statisticsobjdef(s.oid)] FROM pg_statistic_ext s
    WHERE s.stxrelid = %(oid)s
UNION ALL SELECT ARRAY['server', f.ftserver::text IS NOT NULL || '', f.ftoptions::text] FROM pg_foreign_table f
    WHERE f.ftrelid = %(oid)s
UNION ALL SELECT ARRAY['type', format_type(t.oid, NULL), concat_ws(' ', t.typtype, t.typnotnull,
    obj_description(t.oid, 'pg_type'),
    format_type(t.typbasetype, t.typtypmod), pg_get_expr(t.typdefaultbin, 0),
    (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid IN (t.oid, t.typelem)),
    (SELECT string_agg(attname || format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = t.typrelid AND attnum > 0),
    (SELECT string_agg(conname || pg_get_constraintdef(k.oid), ',' ORDER BY conname) FROM pg_constraint k
        WHERE contypid = t.oid))]
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = %(oid)s AND a.attnum > 0 AND NOT a.attisdropped
"""


def facts_of(connection: psycopg.Connection, schema: str, name: str) -> set[Fact]:
    """All facts of it, and of its partitions under their names."""
    connection.execute("SET search_path = ''")
    found: set[Fact] = set()
    for oid, called in connection.execute(
        "WITH it AS (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s)"
        " SELECT it.oid, it.oid::regclass::text FROM it UNION"
        " SELECT t.relid::oid, t.relid::text FROM it, pg_partition_tree(it.oid) t",
        [schema, name],
    ).fetchall():
        rows: list[tuple[Any, ...]] = connection.execute(_OF_RELATION, {"oid": oid}).fetchall()
        found |= {(called, *(str(one) for one in row[0])) for row in rows}
    assert found, f"there is no {schema}.{name}"
    return found
