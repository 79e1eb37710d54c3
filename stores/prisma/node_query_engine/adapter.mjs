// The driver adapter through which Prisma's query engine (5.17) speaks to PostgreSQL. The engine wants results as
// {ok, value} or {ok: false, error}; an error that is not the server's own travels as a number, and is put back into
// words where the answer is written (answer.mjs).

import { columnType, isKnown, isOwn, learn, parseColumn, untouched } from './column_types.mjs'
import { PrismaFailure, connectionLost, queryTimeout } from './prisma_failures.mjs'

const KINDS_OF_OWN = `
  SELECT oid::int8, CASE WHEN typtype = 'e' THEN 'enum' WHEN typcategory = 'A' THEN 'list' ELSE 'other' END
  FROM pg_type WHERE oid = ANY ($1::oid[])`

const ok = (value) => ({ ok: true, value, map: (change) => ok(change(value)), flatMap: (change) => change(value) })
const refused = (error) => ({ ok: false, error, map: () => refused(error), flatMap: () => refused(error) })

const isServerError = (error) => typeof error?.code === 'string' && typeof error.severity === 'string'

// Errors that the engine gets as a number, until the answer to that request is written.
class Remembered {
  #errors = new Map()
  #next = 1

  keep(error) {
    const id = this.#next++ & 0x3fffffff
    this.#errors.set(id, error)
    return id
  }

  // PrismaFailure, or undefined where the number is not one of ours.
  take(id) {
    const error = this.#errors.get(id)
    this.#errors.delete(id)
    return error
  }
}

class Queryable {
  provider = 'postgres'
  adapterName = 'soundcheck'

  constructor(context) {
    this.context = context
    this.errorRegistry = context.remembered
    // The engine takes the functions off the object.
    this.queryRaw = (query) => this.result((session) => rows(session, query))
    this.executeRaw = (query) => this.result((session) => affected(session, query))
  }

  async result(work) {
    try {
      return ok(await this.run(work))
    } catch (error) {
      return refused(this.described(error))
    }
  }

  described(error) {
    if (isServerError(error) && !/^(57P0[123]|08)/.test(error.code)) {
      const { code, severity, message, detail, column, hint } = error
      return { kind: 'Postgres', code, severity, message, detail, column, hint }
    }
    const known = error instanceof PrismaFailure ? error : connectionLost()
    return { kind: 'GenericJs', id: this.context.remembered.keep(known) }
  }

  // One statement on `session`, timed and counted.
  async timed(session, work) {
    const { metrics, settings } = this.context
    const started = performance.now()
    try {
      if (!settings.queryTimeout) return await work(session)
      let timer
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(queryTimeout(settings.queryTimeout)), settings.queryTimeout * 1000)
      })
      return await Promise.race([work(session), late]).finally(() => clearTimeout(timer))
    } finally {
      metrics.queried(performance.now() - started)
    }
  }
}

class Transaction extends Queryable {
  options = { usePhantomQuery: false }

  constructor(context, session) {
    super(context)
    this.session = session
    this.commit = () => this.end()
    this.rollback = () => this.end()
  }

  run(work) {
    return this.timed(this.session, work)
  }

  // COMMIT or ROLLBACK has gone through executeRaw by now; a session that did not get that far must not be lent again.
  async end() {
    const broken = this.session.isGone || this.session.inTransaction
    this.context.pool.giveBack(this.session, { broken })
    return ok(undefined)
  }
}

export class Adapter extends Queryable {
  constructor(pool, metrics) {
    super({ pool, metrics, settings: pool.settings, remembered: new Remembered() })
    const { context } = this
    this.getConnectionInfo = () => ok({ schemaName: context.settings.schema, maxBindValues: 32766 })
    this.startTransaction = async () => {
      try {
        return ok(new Transaction(context, await context.pool.borrow()))
      } catch (error) {
        return refused(this.described(error))
      }
    }
  }

  // The words behind an error's number, once.
  recall(id) {
    return this.context.remembered.take(id)
  }

  async run(work) {
    const { pool } = this.context
    const session = await pool.borrow()
    let broken = true
    try {
      const result = await this.timed(session, work)
      broken = false
      return result
    } catch (error) {
      broken = !isServerError(error)
      throw error
    } finally {
      pool.giveBack(session, { broken })
    }
  }
}

async function rows(session, { sql, args }) {
  const result = await session.query({ text: sql, values: args, rowMode: 'array', types: untouched })
  const { fields } = last(result)
  await learnOwnTypes(session, fields)
  const oids = fields.map((field) => field.dataTypeID)
  return {
    columnNames: fields.map((field) => field.name),
    columnTypes: oids.map(columnType),
    rows: last(result).rows.map((row) => row.map((text, at) => parseColumn(oids[at], text))),
  }
}

async function affected(session, { sql, args }) {
  const result = await session.query({ text: sql, values: args, types: untouched })
  return last(result).rowCount ?? 0
}

const last = (result) => (Array.isArray(result) ? result.at(-1) : result)

async function learnOwnTypes(session, fields) {
  const unknown = [...new Set(fields.map((field) => field.dataTypeID))].filter((oid) => isOwn(oid) && !isKnown(oid))
  if (unknown.length === 0) return
  const found = await session.query({ text: KINDS_OF_OWN, values: [unknown], rowMode: 'array' })
  for (const [oid, kind] of found.rows) learn(Number(oid), kind)
}
