// The driver adapter through which Prisma's schema engine reads a database and, in place of writing, tells what it
// would write.
//
// The engine never executes anything here: its statements are recorded in order. Whoever wants them done runs exactly
// what was recorded and judged (push.mjs), in a transaction, which the engine itself does not use.

import { bindMigrationAwareSqlAdapterFactory, DriverAdapterError } from '@prisma/driver-adapter-utils'
import { columnType, parsers } from './column_types.mjs'
import { Failure } from './failures.mjs'

class RecordingAdapter {
  provider = 'postgres'
  adapterName = 'soundcheck'
  statements = []
  failed = null // what really went wrong; the engine's own errors say less

  constructor(client, schema) {
    this.client = client
    this.schema = schema
  }

  async queryRaw({ sql, args }) {
    try {
      const { fields, rows } = await this.client.query({ text: sql, values: args, rowMode: 'array', types: parsers })
      return { columnNames: fields.map((f) => f.name), columnTypes: fields.map((f) => columnType(f.dataTypeID)), rows }
    } catch (error) {
      this.failed ??= error
      throw asDriverError(error)
    }
  }

  async executeRaw({ sql, args }) {
    if (args.length > 0) throw this.#refuse('a statement with parameters')
    this.statements.push(sql)
    return 0
  }

  async executeScript(script) {
    this.statements.push(script)
  }

  async startTransaction() {
    throw this.#refuse('a transaction')
  }

  getConnectionInfo() {
    return { schemaName: this.schema, supportsRelationJoins: true }
  }

  async dispose() {}

  #refuse(what) {
    this.failed ??= new Failure('engine', `the schema engine asked for ${what}, which it never does`)
    return asDriverError(this.failed)
  }
}

// Anything else than a DriverAdapterError reaches the caller as a bare "External error id#0".
function asDriverError({ code, message, severity, detail, column, hint }) {
  const kind = { kind: 'postgres', code: code ?? 'XX000', severity: severity ?? 'ERROR', message, detail, column, hint }
  return new DriverAdapterError({ ...kind, originalCode: code, originalMessage: message })
}

// What SchemaEngine.new takes, over a session that is already open, and the adapter to read the record from.
export function recording(client, schema) {
  const adapter = new RecordingAdapter(client, schema)
  const factory = {
    provider: 'postgres',
    adapterName: 'soundcheck',
    connect: async () => adapter,
    connectToShadowDb: async () => {
      throw asDriverError(new Failure('engine', 'a shadow database is never used'))
    },
  }
  return { adapter, factory: bindMigrationAwareSqlAdapterFactory(factory) }
}
