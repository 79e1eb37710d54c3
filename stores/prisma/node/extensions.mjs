// Extensions: which are installed, and what they hold outside the search path.

export async function installed(client) {
  const { rows } = await client.query({ text: 'SELECT extname FROM pg_extension', rowMode: 'array' })
  return new Set(rows.map(([name]) => name))
}

// [extension, schema, name, whether it can be moved] of types, operator classes and functions that a statement cannot
// name without their schema: nothing else on the search path has the name.
export async function outOfReach(client) {
  const text = `
    SELECT DISTINCT e.extname, n.nspname, o.name, e.extrelocatable
    FROM pg_extension e
    JOIN pg_namespace n ON n.oid = e.extnamespace
    JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    CROSS JOIN LATERAL (
      SELECT t.typname::text FROM pg_type t
      WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid
        AND NOT EXISTS (SELECT FROM pg_type v WHERE v.typname = t.typname AND pg_type_is_visible(v.oid))
      UNION ALL
      SELECT c.opcname::text FROM pg_opclass c
      WHERE d.classid = 'pg_opclass'::regclass AND c.oid = d.objid
        AND NOT EXISTS (SELECT FROM pg_opclass v WHERE v.opcname = c.opcname AND pg_opclass_is_visible(v.oid))
      UNION ALL
      SELECT p.proname::text FROM pg_proc p
      WHERE d.classid = 'pg_proc'::regclass AND p.oid = d.objid
        AND NOT EXISTS (SELECT FROM pg_proc v WHERE v.proname = p.proname AND pg_function_is_visible(v.oid))
    ) AS o (name)
    WHERE n.nspname <> ALL (current_schemas(true))
    ORDER BY 1, 2, 3`
  return (await client.query({ text, rowMode: 'array' })).rows
}
