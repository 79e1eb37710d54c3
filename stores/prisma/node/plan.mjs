// What a push would do: the statements themselves, recorded from the engine, and the facts to judge them by.

import { recording } from './adapter.mjs'
import { present, wanted, without } from './catalogue.mjs'
import { outOfReach } from './extensions.mjs'
import { facts } from './facts.mjs'
import { Failure, failure } from './failures.mjs'
import { openEngine } from './schema_engine.mjs'
import { withoutUnchanged } from './unchanged.mjs'

const qualified = ([schema, name]) => `${schema}.${name}`

// `drop` names tables and enums outside the schema (as schema.name) that are not to be kept.
export async function plan(client, { settings, schema, drop }) {
  const { adapter, factory } = recording(client, settings.schema)
  try {
    await client.query('SET default_transaction_read_only = on')
    const engine = await openEngine(schema, factory)
    const target = await wanted(engine, schema, settings.schema)
    const namespaces = [...target.tables, ...target.enums].map(([namespace]) => namespace)
    const schemas = [...new Set([settings.schema, ...namespaces])]
    const live = await present(client, schemas)
    const kept = {
      tables: without(live.tables, target.tables).filter((object) => !drop.includes(qualified(object))),
      enums: without(live.enums, target.enums).filter((object) => !drop.includes(qualified(object))),
    }
    const filters = { externalTables: kept.tables.map(qualified), externalEnums: kept.enums.map(qualified) }
    const { warnings, unexecutable } = await engine.schemaPush({ force: true, schema, filters })
    const statements = await withoutUnchanged(client, adapter.statements, settings.schema)
    const hidden = statements.length > 0 ? await outOfReach(client) : []
    const judged = { schemas, tables: live.tables, statements }
    const told = await facts(client, judged)
    await client.query('SET default_transaction_read_only = off')
    return { statements, warnings, unexecutable, target, live, kept, hidden, judged, ...told }
  } catch (error) {
    throw adapter.failed ? failure(adapter.failed) : error instanceof Failure ? error : failure(error)
  }
}
