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

const same = (a) => (b) => a[0] === b[0] && a[1] === b[1]

export const without = (list, others) => list.filter((item) => !others.some(same(item)))
