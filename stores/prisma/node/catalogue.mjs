// What is in the database, and what a schema makes: the two lists that decide which objects are not ours to touch.

const NAME = '"((?:[^"]|"")+)"'
const CREATED = new RegExp(`^CREATE (TABLE|TYPE) (?:${NAME}\\.)?${NAME}`, 'gm')

const unquote = (name) => name?.replaceAll('""', '"')

// Tables and enums that the schema makes, the join tables of many-to-many relations included: read from the script
// that would build it from nothing.
export async function wanted(engine, schema, defaultSchema) {
  const { stdout } = await engine.diff({
    from: { tag: 'empty' },
    to: { tag: 'schemaDatamodel', ...schema },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
    shadowDatabaseUrl: null,
  })
  const made = { tables: [], enums: [] }
  for (const [, kind, namespace, name] of stdout.matchAll(CREATED)) {
    made[kind === 'TABLE' ? 'tables' : 'enums'].push([unquote(namespace) ?? defaultSchema, unquote(name)])
  }
  return made
}

// Everything of these kinds that stands in the given schemas, whoever owns it; enums with their values.
export async function present(client, schemas) {
  const named = async (sql) => (await client.query({ text: sql, values: [schemas], rowMode: 'array' })).rows
  return {
    tables: await named(`
      SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY ($1) ORDER BY 1, 2`),
    enums: await named(`
      SELECT n.nspname, t.typname, array(SELECT enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY enumsortorder)
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE t.typtype = 'e' AND n.nspname = ANY ($1) ORDER BY 1, 2`),
  }
}

// [schema, table, column, type as PostgreSQL writes it] of the named tables.
export async function columns(client, tables) {
  const values = [tables.map(([schema]) => schema), tables.map(([, table]) => table)]
  const text = `
    SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    FROM unnest($1::text[], $2::text[]) AS wanted (schema, name)
    JOIN pg_namespace n ON n.nspname = wanted.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
    JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2, a.attnum`
  return (await client.query({ text, values, rowMode: 'array' })).rows
}

// What else stands in these schemas: every name that a relation has, and the definitions of indexes, foreign keys and
// checks. `database` is what the server itself calls the database. Asked for in one query, because of the way to it.
//
// `to_jsonb` spares naming columns of the catalogue that only newer servers have.
const DEFINITIONS = `
  WITH spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname = ANY ($1)),
  relations AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.reloptions, c.relam
    FROM pg_class c JOIN spaces n ON n.oid = c.relnamespace),
  indexes AS (
    SELECT json_build_object(
      'schema', r.nspname, 'name', r.relname, 'table', t.relname, 'method', am.amname, 'unique', i.indisunique,
      'nulls_distinct', NOT coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
      'predicate', pg_get_expr(i.indpred, i.indrelid), 'options', coalesce(r.reloptions, '{}'),
      'constraint', k.contype, 'deferrable', coalesce(k.condeferrable, false), 'replica_identity', i.indisreplident,
      'keys', (
        SELECT json_agg(json_build_object(
          'name', coalesce(a.attname, pg_get_indexdef(i.indexrelid, at, false)), 'expression', a.attname IS NULL,
          'descending', i.indoption[at - 1] & 1 = 1, 'nulls_first', i.indoption[at - 1] & 2 = 2,
          'opclass', o.opcname, 'opclass_is_default', o.opcdefault,
          'collation', CASE WHEN i.indcollation[at - 1] <> a.attcollation THEN l.collname END) ORDER BY at)
        FROM generate_series(1, i.indnkeyatts) AS at
        JOIN pg_opclass o ON o.oid = i.indclass[at - 1]
        LEFT JOIN pg_collation l ON l.oid = i.indcollation[at - 1]
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[at - 1] AND a.attnum <> 0),
      'includes', array(
        SELECT a.attname::text FROM generate_series(i.indnkeyatts + 1, i.indnatts) AS at
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[at - 1] ORDER BY at),
      'columns', array(
        SELECT DISTINCT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND (a.attnum = ANY (i.indkey::int2[]) OR EXISTS (
          SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
          AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum)))) AS told
    FROM relations r
    JOIN pg_index i ON i.indexrelid = r.oid
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_am am ON am.oid = r.relam
    LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')),
  constraints AS (
    SELECT json_build_object(
      'schema', r.nspname, 'table', r.relname, 'name', k.conname, 'kind', k.contype,
      'text', pg_get_constraintdef(k.oid), 'columns', named.here, 'referenced', named.there,
      'reference', (SELECT json_build_array(n.nspname, t.relname) FROM pg_class t
        JOIN pg_namespace n ON n.oid = t.relnamespace WHERE t.oid = k.confrelid),
      'on_delete', k.confdeltype, 'on_update', k.confupdtype, 'match', k.confmatchtype,
      'deferrable', k.condeferrable, 'deferred', k.condeferred, 'delete_columns', named.cleared,
      'period', coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false)) AS told
    FROM relations r
    JOIN pg_constraint k ON k.conrelid = r.oid AND k.contype IN ('f', 'c')
    CROSS JOIN LATERAL (SELECT
      array(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS c (number, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.number ORDER BY place) AS here,
      array(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS c (number, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.number ORDER BY place) AS there,
      array(SELECT a.attname::text FROM jsonb_array_elements_text(
          CASE jsonb_typeof(to_jsonb(k) -> 'confdelsetcols') WHEN 'array' THEN to_jsonb(k) -> 'confdelsetcols' ELSE '[]' END
        ) AS c (number) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.number::int) AS cleared) AS named)
  SELECT current_database(),
    coalesce((SELECT json_agg(json_build_array(nspname, relname, relkind) ORDER BY oid) FROM relations), '[]'),
    coalesce((SELECT json_agg(told ORDER BY told::text) FROM indexes), '[]'),
    coalesce((SELECT json_agg(told ORDER BY told::text) FROM constraints), '[]')`

export async function definitions(client, schemas) {
  const { rows } = await client.query({ text: DEFINITIONS, values: [schemas], rowMode: 'array' })
  const [database, relations, indexes, constraints] = rows[0]
  return { database, relations, indexes, constraints }
}

const same = (a) => (b) => a[0] === b[0] && a[1] === b[1]

export const without = (list, others) => list.filter((item) => !others.some(same(item)))
