"""The query behind a DDL: what a relation needs, and how relations are defined. PostgreSQL 14 to 18."""

from __future__ import annotations

from typing import Final

_FIRST_OF_A_USER: Final = 16384
"""Objects below this OID come with every new database (FirstNormalObjectId in access/transam.h)."""

_LINKS: Final = f"""
    SELECT CASE WHEN r.relkind = 'c' THEN 'pg_type'::regclass::oid ELSE d.refclassid END AS class,
        CASE WHEN r.relkind = 'c' THEN r.reltype ELSE d.refobjid END AS oid
    FROM (
        SELECT x.class, x.oid
        UNION ALL SELECT 'pg_class'::regclass, t.typrelid FROM pg_type t JOIN pg_class k ON k.oid = t.typrelid
            WHERE x.class = 'pg_type'::regclass AND t.oid = x.oid AND k.relkind = 'c'
        UNION ALL SELECT 'pg_constraint'::regclass, k.oid FROM pg_constraint k
            WHERE x.class = 'pg_type'::regclass AND k.contypid = x.oid
        UNION ALL SELECT 'pg_constraint'::regclass, k.oid FROM pg_constraint k
            WHERE x.class = 'pg_class'::regclass AND k.conrelid = x.oid AND k.contype NOT IN ('f', 't')
        UNION ALL SELECT 'pg_attrdef'::regclass, a.oid FROM pg_attrdef a
            WHERE x.class = 'pg_class'::regclass AND a.adrelid = x.oid
        UNION ALL SELECT 'pg_class'::regclass, i.indexrelid FROM pg_index i
            WHERE x.class = 'pg_class'::regclass AND i.indrelid = x.oid
        UNION ALL SELECT 'pg_rewrite'::regclass, w.oid FROM pg_rewrite w
            WHERE x.class = 'pg_class'::regclass AND w.ev_class = x.oid AND w.rulename = '_RETURN'
        UNION ALL SELECT 'pg_statistic_ext'::regclass, s.oid FROM pg_statistic_ext s
            WHERE x.class = 'pg_class'::regclass AND s.stxrelid = x.oid
    ) part (class, oid)
    CROSS JOIN LATERAL (SELECT * FROM pg_depend p WHERE p.classid = part.class AND p.objid = part.oid OFFSET 0) d
    LEFT JOIN LATERAL (SELECT * FROM pg_class c WHERE c.oid = d.refobjid OFFSET 0) r
        ON d.refclassid = 'pg_class'::regclass
    WHERE d.refobjid >= {_FIRST_OF_A_USER}
      AND (d.refclassid, d.refobjid) <> (x.class, x.oid)
      AND d.refclassid <> 'pg_constraint'::regclass
      AND (r.oid IS NULL OR r.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c'))
      AND NOT (r.oid IS NOT NULL AND x.class = 'pg_class'::regclass
          AND (SELECT s.relkind = 'S' FROM pg_class s WHERE s.oid = x.oid))
      AND (d.deptype = 'e' OR NOT EXISTS (SELECT FROM pg_depend e
          WHERE e.classid = x.class AND e.objid = x.oid AND e.deptype = 'e'))
    UNION
    SELECT s.classid, s.objid
    FROM pg_depend s JOIN pg_class q ON q.oid = s.objid AND q.relkind = 'S'
    WHERE x.class = 'pg_class'::regclass AND s.classid = x.class AND s.refclassid = x.class AND s.refobjid = x.oid
      AND s.deptype = 'a'
"""  # noqa: S608 - made of constants alone
"""What the object x refers to directly, by itself or by its columns, defaults, constraints, indexes and view.

A member of an extension needs the extension alone. The tables that foreign keys lead to are left to the reader.
`OFFSET 0` keeps the order: the parts first, then what each depends on, by index. PostgreSQL expects many parts, and
otherwise reads every dependency in the database, or looks for the parts once for each.
"""

_SEQUENCE: Final = """json_build_object(
        'schema', n.nspname, 'name', c.relname, 'type', format_type(s.seqtypid, NULL), 'start', s.seqstart,
        'increment', s.seqincrement, 'least', s.seqmin, 'most', s.seqmax, 'cache', s.seqcache, 'cycle', s.seqcycle,
        'unlogged', c.relpersistence = 'u')"""

_DEFINED: Final = f"""json_build_object(
    'oid', c.oid::bigint, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind::text,
    'unlogged', c.relpersistence = 'u', 'populated', c.relispopulated,
    'columns', (SELECT coalesce(json_agg(json_build_object(
            'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull,
            'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity::text,
            'generated', a.attgenerated::text,
            'collation', CASE WHEN a.attcollation <> t.typcollation
                THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
            'comment', col_description(c.oid, a.attnum), 'local', a.attislocal,
            'inherited_default', (SELECT pg_get_expr(pd.adbin, pd.adrelid)
                FROM pg_inherits i JOIN pg_attribute pa ON pa.attrelid = i.inhparent AND pa.attname = a.attname
                JOIN pg_attrdef pd ON pd.adrelid = pa.attrelid AND pd.adnum = pa.attnum
                WHERE i.inhrelid = c.oid ORDER BY i.inhseqno LIMIT 1),
            'inherited_required', coalesce((SELECT bool_or(pa.attnotnull)
                FROM pg_inherits i JOIN pg_attribute pa ON pa.attrelid = i.inhparent AND pa.attname = a.attname
                WHERE i.inhrelid = c.oid), false),
            'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END,
            'compression', a.attcompression::text,
            'statistics', nullif(a.attstattarget, -1),
            'options', a.attoptions, 'far_options', a.attfdwoptions,
            'sequence', CASE WHEN a.attidentity <> '' THEN (SELECT {_SEQUENCE.replace("c.", "q.").replace("n.", "qn.")}
                FROM pg_depend o JOIN pg_sequence s ON s.seqrelid = o.objid JOIN pg_class q ON q.oid = o.objid
                JOIN pg_namespace qn ON qn.oid = q.relnamespace
                WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass AND o.deptype = 'i'
                  AND o.refobjid = c.oid AND o.refobjsubid = a.attnum) END) ORDER BY a.attnum), '[]')
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'constraints', (SELECT coalesce(json_agg(json_build_object(
            'name', k.conname, 'kind', k.contype::text, 'definition', pg_get_constraintdef(k.oid),
            'validated', k.convalidated, 'local', k.conislocal, 'from_parent', k.conparentid <> 0,
            'to_itself', k.confrelid = k.conrelid,
            'column', (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = k.conkey[1]),
            'comment', obj_description(k.oid, 'pg_constraint'), 'index_options', ki.reloptions, 'index', ki.relname)
            ORDER BY position(k.contype::text IN 'pufcxnt'), k.conname), '[]')
        FROM pg_constraint k LEFT JOIN pg_class ki ON ki.oid = k.conindid AND k.contype IN ('p', 'u', 'x')
        WHERE k.conrelid = c.oid AND k.contype <> 't'),
    'indexes', (SELECT coalesce(json_agg(json_build_object('name', ic.relname, 'schema', n.nspname,
            'definition', pg_get_indexdef(ic.oid), 'valid', x.indisvalid AND x.indisready,
            'comment', obj_description(ic.oid, 'pg_class')) ORDER BY ic.relname), '[]')
        FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid
        WHERE x.indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_constraint k
            WHERE k.conindid = x.indexrelid AND k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x'))),
    'comment', obj_description(c.oid, 'pg_class'),
    'view', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid, true) END,
    'options', c.reloptions,
    'toast_options', (SELECT long.reloptions FROM pg_class long WHERE long.oid = c.reltoastrelid),
    'partition_key', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
    'is_partition', c.relispartition, 'bound', pg_get_expr(c.relpartbound, c.oid),
    'parents', (SELECT coalesce(json_agg(json_build_array(pn.nspname, p.relname) ORDER BY i.inhseqno), '[]')
        FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
        WHERE i.inhrelid = c.oid),
    'parent_columns', ARRAY(SELECT a.attname::text FROM pg_inherits i JOIN pg_attribute a ON a.attrelid = i.inhparent
        WHERE i.inhrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY i.inhseqno, a.attnum),
    'heirs', ARRAY(SELECT i.inhrelid::regclass::text FROM pg_inherits i
        WHERE i.inhparent = c.oid AND c.relkind <> 'p' ORDER BY 1),
    'server', (SELECT fs.srvname FROM pg_foreign_table ft JOIN pg_foreign_server fs
        ON fs.oid = ft.ftserver WHERE ft.ftrelid = c.oid),
    'far_options', (SELECT ft.ftoptions FROM pg_foreign_table ft WHERE ft.ftrelid = c.oid),
    'method', (SELECT am.amname FROM pg_am am WHERE am.oid = c.relam AND am.amname <> 'heap'),
    'tablespace', (SELECT ts.spcname FROM pg_tablespace ts WHERE ts.oid = c.reltablespace),
    'of_type', CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END,
    'replica_identity', c.relreplident::text,
    'replica_index', (SELECT ic.relname FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid
        WHERE x.indrelid = c.oid AND x.indisreplident),
    'clustered', (SELECT ic.relname FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid
        WHERE x.indrelid = c.oid AND x.indisclustered),
    'statistics', ARRAY(SELECT pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s WHERE s.stxrelid = c.oid
        ORDER BY s.stxname),
    'row_security', c.relrowsecurity, 'forced_security', c.relforcerowsecurity,
    'policies', (SELECT coalesce(json_agg(json_build_object('name', p.polname, 'permissive', p.polpermissive,
            'command', p.polcmd::text, 'using', pg_get_expr(p.polqual, c.oid),
            'check', pg_get_expr(p.polwithcheck, c.oid),
            'roles', ARRAY(SELECT quote_ident(r.rolname) FROM pg_roles r WHERE r.oid = ANY(p.polroles) ORDER BY 1),
            'runs', p.polroles = '{{0}}' AND NOT EXISTS (SELECT FROM pg_depend d
                WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refobjid >= {_FIRST_OF_A_USER}
                  AND (d.refclassid, d.refobjid) <> ('pg_class'::regclass, c.oid))) ORDER BY p.polname), '[]')
        FROM pg_policy p WHERE p.polrelid = c.oid),
    'triggers', ARRAY(SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgparentid = 0 ORDER BY t.tgname),
    'rules', ARRAY(SELECT pg_get_ruledef(w.oid) FROM pg_rewrite w
        WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN' ORDER BY w.rulename),
    'granted', c.relacl IS NOT NULL OR EXISTS (SELECT FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)
)"""  # noqa: S608 - made of constants alone
"""What a relation is, as a JSON document; c is its row in pg_class and n its schema."""

DDL_FACTS: Final = f"""
WITH RECURSIVE wanted AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2
), made AS (
    SELECT w.oid, 0 AS level FROM wanted w
    UNION ALL SELECT t.relid, t.level FROM wanted w, pg_partition_tree(w.oid) t WHERE t.relid <> w.oid
), nodes (class, oid) AS (
    SELECT 'pg_class'::regclass::oid, made.oid FROM made
    UNION
    SELECT link.class, link.oid FROM nodes x CROSS JOIN LATERAL ({_LINKS}) link
)
SELECT json_build_object(
    'made', (SELECT coalesce(json_agg(made.oid::bigint ORDER BY made.level, made.oid), '[]') FROM made),
    'nodes', (SELECT coalesce(json_agg(json_build_object(
        'class', x.class::regclass::text, 'oid', x.oid::bigint,
        'needs', (SELECT coalesce(json_agg(link.class::regclass::text || ' ' || link.oid), '[]') FROM ({_LINKS}) link),
        'of_extension', EXISTS (SELECT FROM pg_depend e
            WHERE e.classid = x.class AND e.objid = x.oid AND e.deptype = 'e'),
        'called', pg_describe_object(x.class, x.oid, 0),
        'facts', CASE x.class
            WHEN 'pg_namespace'::regclass THEN
                (SELECT json_build_object('schema', n.nspname) FROM pg_namespace n WHERE n.oid = x.oid)
            WHEN 'pg_extension'::regclass THEN
                (SELECT json_build_object('extension', e.extname, 'schema', n.nspname)
                 FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.oid = x.oid)
            WHEN 'pg_proc'::regclass THEN
                (SELECT json_build_object('function', CASE WHEN p.prokind <> 'a' AND l.lanname NOT IN ('c', 'internal')
                    THEN pg_get_functiondef(p.oid) END)
                 FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.oid = x.oid)
            WHEN 'pg_collation'::regclass THEN
                (SELECT json_build_object('collation', to_jsonb(c) - 'collversion', 'schema', n.nspname)
                 FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = x.oid)
            WHEN 'pg_foreign_data_wrapper'::regclass THEN
                (SELECT json_build_object('wrapper', w.fdwname, 'plain', w.fdwhandler = 0 AND w.fdwvalidator = 0)
                 FROM pg_foreign_data_wrapper w WHERE w.oid = x.oid)
            WHEN 'pg_foreign_server'::regclass THEN
                (SELECT json_build_object('server', f.srvname, 'wrapper', w.fdwname,
                    'has_options', f.srvoptions IS NOT NULL)
                 FROM pg_foreign_server f JOIN pg_foreign_data_wrapper w ON w.oid = f.srvfdw WHERE f.oid = x.oid)
            WHEN 'pg_type'::regclass THEN
                (SELECT json_build_object('kind', t.typtype, 'schema', n.nspname, 'name', t.typname,
                    'comment', obj_description(t.oid, 'pg_type'),
                    'array', t.typtype = 'b' AND t.typelem <> 0 AND t.typlen = -1 AND t.typcategory = 'A',
                    'row_of', t.typrelid <> 0 AND (SELECT k.relkind <> 'c' FROM pg_class k WHERE k.oid = t.typrelid),
                    'labels', ARRAY(SELECT l.enumlabel::text FROM pg_enum l WHERE l.enumtypid = t.oid
                        ORDER BY l.enumsortorder),
                    'base', format_type(t.typbasetype, t.typtypmod), 'required', t.typnotnull,
                    'default', coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)),
                    'collation', (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
                        FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
                        JOIN pg_type b ON b.oid = t.typbasetype
                        WHERE co.oid = t.typcollation AND co.oid <> b.typcollation),
                    'checks', (SELECT coalesce(json_agg(json_build_array(k.conname, pg_get_constraintdef(k.oid))
                            ORDER BY k.conname), '[]')
                        FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'),
                    'fields', (SELECT coalesce(json_agg(json_build_array(a.attname,
                            format_type(a.atttypid, a.atttypmod),
                            CASE WHEN a.attcollation <> ft.typcollation
                                THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END)
                            ORDER BY a.attnum), '[]')
                        FROM pg_attribute a JOIN pg_type ft ON ft.oid = a.atttypid
                        LEFT JOIN pg_collation co ON co.oid = a.attcollation
                        LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
                        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
                    'range', (SELECT json_build_object('subtype', format_type(r.rngsubtype, NULL),
                            'subtype_opclass', CASE WHEN NOT o.opcdefault
                                THEN quote_ident(opn.nspname) || '.' || quote_ident(o.opcname) END,
                            'collation', CASE WHEN r.rngcollation <> st.typcollation
                                THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
                            'subtype_diff', nullif(r.rngsubdiff::text, '-'),
                            'canonical', nullif(r.rngcanonical::text, '-'),
                            'multirange_type_name', quote_ident(mn.nspname) || '.' || quote_ident(m.typname))
                        FROM pg_range r JOIN pg_type st ON st.oid = r.rngsubtype
                        JOIN pg_opclass o ON o.oid = r.rngsubopc JOIN pg_namespace opn ON opn.oid = o.opcnamespace
                        JOIN pg_type m ON m.oid = r.rngmultitypid JOIN pg_namespace mn ON mn.oid = m.typnamespace
                        LEFT JOIN pg_collation co ON co.oid = r.rngcollation
                        LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
                        WHERE r.rngtypid = t.oid))
                 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = x.oid)
            WHEN 'pg_class'::regclass THEN
                (SELECT CASE WHEN c.relkind = 'S' THEN json_build_object('sequence', {_SEQUENCE}, 'owned_by',
                    (SELECT json_build_array(o.refobjid::bigint, oa.attname)
                     FROM pg_depend o JOIN pg_attribute oa ON oa.attrelid = o.refobjid AND oa.attnum = o.refobjsubid
                     WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.deptype = 'a'
                       AND o.refclassid = 'pg_class'::regclass)) END
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 LEFT JOIN pg_sequence s ON s.seqrelid = c.oid WHERE c.oid = x.oid)
        END)
        ORDER BY x.class, x.oid), '[]') FROM nodes x),
    'definitions', (SELECT coalesce(json_agg({_DEFINED}), '[]')
        FROM nodes x JOIN pg_class c ON x.class = 'pg_class'::regclass AND c.oid = x.oid AND c.relkind <> 'S'
        JOIN pg_namespace n ON n.oid = c.relnamespace)
)
"""  # noqa: S608 - made of constants alone
"""One JSON document about the relation $2 of the schema $1.

The OIDs to make (it and its partitions), every object with what it needs, and the definitions of relations. Without a
search path every text names its schemas.
"""
