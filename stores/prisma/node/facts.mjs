// The facts that a plan is judged by, and a digest of them: a plan holds for as long as they are the same.

import { createHash } from 'node:crypto'
import { columns, definitions } from './catalogue.mjs'
import { dependents } from './dependents.mjs'

// `tables` are those whose columns count, `statements` what would be run.
export async function facts(client, { schemas, tables, statements }) {
  const told = {
    columns: await columns(client, tables),
    there: await definitions(client, schemas),
    standing: await dependents(client, schemas, statements),
  }
  return { ...told, digest: createHash('sha256').update(JSON.stringify(told)).digest('hex') }
}
