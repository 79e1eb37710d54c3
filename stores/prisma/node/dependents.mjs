// Everything that stands on the tables and types of some schemas, and what rests on what: the part of `pg_depend` that
// a DROP would walk through. Nothing is locked and nothing is run.
//
// `to_jsonb` spares naming columns of the catalogue that only newer servers have.
const DEPENDENTS = `
  WITH RECURSIVE spaces AS (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1)),
  reached (class, oid) AS (
    SELECT 'pg_class'::regclass::oid, c.oid FROM pg_class c JOIN spaces ON spaces.oid = c.relnamespace
    UNION SELECT 'pg_type'::regclass::oid, t.oid FROM pg_type t JOIN spaces ON spaces.oid = t.typnamespace
      WHERE t.typtype = 'e'
    UNION SELECT 'pg_extension'::regclass::oid, e.oid FROM pg_extension e WHERE e.extname = ANY ($2)
    UNION SELECT d.classid, d.objid FROM reached r
      JOIN pg_depend d ON d.refclassid = r.class AND d.refobjid = r.oid
      WHERE NOT EXISTS (SELECT FROM pg_class t WHERE d.classid = 'pg_class'::regclass AND t.oid = d.objid AND t.relkind = 't')),
  links AS (
    SELECT d.* FROM reached r JOIN pg_depend d ON d.classid = r.class AND d.objid = r.oid
    JOIN reached o ON o.class = d.refclassid AND o.oid = d.refobjid),
  addresses (class, oid, sub) AS (
    SELECT class, oid, 0 FROM reached
    UNION SELECT classid, objid, objsubid FROM links UNION SELECT refclassid, refobjid, refobjsubid FROM links
    UNION SELECT r.class, a.attrelid, a.attnum FROM reached r JOIN pg_attribute a ON a.attrelid = r.oid
      WHERE r.class = 'pg_class'::regclass AND a.attnum > 0 AND NOT a.attisdropped
        AND EXISTS (SELECT FROM pg_class t WHERE t.oid = r.oid AND t.relkind IN ('r', 'p', 'f'))),
  things AS (
    SELECT x.class, x.oid, x.sub, x.class::regclass::text || ' ' || x.oid || ' ' || x.sub AS id,
      CASE WHEN x.sub > 0 THEN 'column' WHEN c.oid IS NOT NULL THEN 'relation ' || c.relkind::text
        WHEN k.oid IS NOT NULL THEN 'constraint ' || k.contype::text WHEN y.oid IS NOT NULL THEN 'type ' || y.typtype::text
        ELSE x.class::regclass::text END AS kind,
      coalesce(a.attname, c.relname, k.conname, y.typname, g.tgname, p.polname, w.rulename, s.stxname, b.pubname,
        da.attname, e.extname, '') AS name,
      coalesce(n.nspname, '') AS schema,
      coalesce(i.indrelid, nullif(k.conrelid, 0), d.adrelid, g.tgrelid, p.polrelid, w.ev_class, s.stxrelid, m.prrelid,
        CASE WHEN x.sub > 0 THEN c.oid END) AS table_,
      CASE WHEN a.attrelid IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
          'required', nullif(a.attnotnull, false), 'generated', nullif(a.attgenerated, ''),
          'identity', nullif(a.attidentity, ''),
          'default', (SELECT pg_get_expr(o.adbin, o.adrelid) FROM pg_attrdef o
            WHERE o.adrelid = a.attrelid AND o.adnum = a.attnum),
          'local', nullif(a.attislocal, true), 'parents', nullif(a.attinhcount, 0),
          'collation', (SELECT l.collname FROM pg_collation l
            WHERE l.oid = a.attcollation AND a.attcollation <> at.typcollation),
          'storage', CASE WHEN a.attstorage <> at.typstorage THEN a.attstorage END,
          'compression', nullif(a.attcompression, '')))
        WHEN i.indexrelid IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
          'clustered', nullif(i.indisclustered, false),
          'tablespace', (SELECT spcname FROM pg_tablespace o WHERE o.oid = c.reltablespace),
          'statistics', (SELECT true FROM pg_attribute o WHERE o.attrelid = c.oid
            AND coalesce(o.attstattarget, -1) >= 0 LIMIT 1)))
        WHEN k.oid IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
          'local', nullif(k.conislocal, true), 'parents', nullif(k.coninhcount, 0),
          'partition', nullif(k.conparentid <> 0, false)))
        WHEN y.oid IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object('granted', nullif(y.typacl IS NOT NULL, false)))
        WHEN s.oid IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
          'statistics', nullif(coalesce((to_jsonb(s) ->> 'stxstattarget')::int, -1) >= 0, false)))
        ELSE '{}' END
        || jsonb_strip_nulls(jsonb_build_object('comment',
          (SELECT nullif(x.sub = 0 AND count(*) > 0, false) FROM pg_description o
            WHERE o.classoid = x.class AND o.objoid = x.oid AND o.objsubid = 0))) AS facts
    FROM addresses x
    LEFT JOIN pg_class c ON x.class = 'pg_class'::regclass AND c.oid = x.oid
    LEFT JOIN pg_index i ON x.class = 'pg_class'::regclass AND i.indexrelid = x.oid AND x.sub = 0
    LEFT JOIN pg_attribute a ON x.class = 'pg_class'::regclass AND a.attrelid = x.oid AND a.attnum = x.sub AND x.sub > 0
    LEFT JOIN pg_type at ON at.oid = a.atttypid
    LEFT JOIN pg_constraint k ON x.class = 'pg_constraint'::regclass AND k.oid = x.oid
    LEFT JOIN pg_type y ON x.class = 'pg_type'::regclass AND y.oid = x.oid
    LEFT JOIN pg_attrdef d ON x.class = 'pg_attrdef'::regclass AND d.oid = x.oid
    LEFT JOIN pg_attribute da ON da.attrelid = d.adrelid AND da.attnum = d.adnum
    LEFT JOIN pg_trigger g ON x.class = 'pg_trigger'::regclass AND g.oid = x.oid
    LEFT JOIN pg_policy p ON x.class = 'pg_policy'::regclass AND p.oid = x.oid
    LEFT JOIN pg_rewrite w ON x.class = 'pg_rewrite'::regclass AND w.oid = x.oid
    LEFT JOIN pg_statistic_ext s ON x.class = 'pg_statistic_ext'::regclass AND s.oid = x.oid
    LEFT JOIN pg_publication_rel m ON x.class = 'pg_publication_rel'::regclass AND m.oid = x.oid
    LEFT JOIN pg_publication b ON b.oid = m.prpubid
    LEFT JOIN pg_extension e ON x.class = 'pg_extension'::regclass AND e.oid = x.oid
    LEFT JOIN pg_namespace n ON n.oid = coalesce(c.relnamespace, k.connamespace, y.typnamespace, s.stxnamespace))
  SELECT
    coalesce((SELECT json_agg(json_build_array(t.id, t.kind, t.schema, t.name,
        (SELECT json_build_array(o.nspname, r.relname) FROM pg_class r JOIN pg_namespace o ON o.oid = r.relnamespace
          WHERE r.oid = t.table_),
        pg_describe_object(t.class, t.oid, t.sub), t.facts) ORDER BY t.id) FROM things t), '[]'),
    coalesce((SELECT json_agg(DISTINCT jsonb_build_array(
        classid::regclass::text || ' ' || objid || ' ' || objsubid,
        refclassid::regclass::text || ' ' || refobjid || ' ' || refobjsubid, deptype)) FROM links), '[]'),
    coalesce((SELECT json_agg(json_build_array(pn.nspname, p.relname, cn.nspname, c.relname) ORDER BY i.inhparent, i.inhrelid)
      FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
      JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
      WHERE p.relkind IN ('r', 'p', 'f')), '[]')`

const CHANGES = /\b(?:DROP|ALTER)\b/
const DROPPED_EXTENSION = /^\s*DROP EXTENSION (?:IF EXISTS )?"((?:[^"]|"")+)"/

// What rests on what, where the statements touch anything that is there.
export async function dependents(client, schemas, statements) {
  if (!statements.some((text) => CHANGES.test(text))) return { things: [], links: [], heirs: [] }
  const dropped = statements.map((text) => DROPPED_EXTENSION.exec(text)?.[1].replaceAll('""', '"')).filter(Boolean)
  const { rows } = await client.query({ text: DEPENDENTS, values: [schemas, dropped], rowMode: 'array' })
  const [things, links, heirs] = rows[0]
  return { things, links, heirs }
}
