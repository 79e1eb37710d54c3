// The driver adapter through which Prisma's query engine (5.17) speaks to PostgreSQL. The engine wants results as
// {ok, value} or {ok: false, error}; an error that is not the server's own travels as a number, and is put back into
// words where the answer is written (answer.mjs).

import { Unreadable, columnType, isKnown, isOwn, learn, parseColumn, untouched } from './column_types.mjs'
import { within } from './deadline.mjs'
import { failure as classified } from './failures.mjs'
import { PrismaFailure, connectionLost, driverFailed, inconsistent, queryTimeout } from './prisma_failures.mjs'

const KINDS_OF_OWN = `
  SELECT oid::int8, CASE WHEN typtype = 'e' THEN 'enum' WHEN typcategory = 'A' THEN 'list' ELSE 'other' END
  FROM pg_type WHERE oid = ANY ($1::oid[])`

// The protocol of prepared statements, also without parameters: a text with several statements is refused by it.
const ONE = { queryMode: 'extended' }

const REMEMBERED = 1000

const ok = (value) => ({ ok: true, value, map: (change) => ok(change(value)), flatMap: (change) => change(value) })
const refused = (error) => ({ ok: false, error, map: () => refused(error), flatMap: () => refused(error) })

const isServerError = (error) => typeof error?.code === 'string' && typeof error.severity === 'string'

// The server said this and closed: shut down, or its patience with an idle session or transaction is over.
const isFarewell = ({ code, severity }) => severity === 'FATAL' || severity === 'PANIC' || /^(57P0[1235]|25P0[34])$/.test(code)

const LOST = new Set(['unreachable', 'timeout', 'starting_up'])

const isRefusal = (error) => isServerError(error) && !isFarewell(error)

// Errors that the engine gets as a number, until the answer to that request is written. Some never get there.
class Remembered {
  #errors = new Map()
  #next = 1

  keep(error) {
    const id = this.#next++ & 0x3fffffff
    this.#errors.set(id, error)
    if (this.#errors.size > REMEMBERED) this.#errors.delete(this.#errors.keys().next().value)
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
    this.queryRaw = (query) => this.result(query, rows)
    this.executeRaw = (query) => this.result(query, affected)
  }

  async result(query, work) {
    try {
      return ok(await this.run(query, work))
    } catch (error) {
      return refused(this.described(error))
    }
  }

  described(error) {
    if (isRefusal(error)) return { kind: 'Postgres', ...asKnown(error) }
    return { kind: 'GenericJs', id: this.context.remembered.keep(asFailure(error)) }
  }

  // One statement on `session`, timed, counted and, where it is wanted, logged: without values, they are the user's.
  async timed(session, query, work) {
    const { log, metrics, settings } = this.context
    const started = performance.now()
    try {
      return await within(settings.queryTimeout, work(session, query), queryTimeout)
    } finally {
      const elapsed = performance.now() - started
      metrics.queried(elapsed)
      log(`${query.sql} (${elapsed.toFixed(1)} ms)`)
    }
  }
}

// PostgreSQL 18 has a code of its own for ON DELETE RESTRICT, which the engine does not know.
function asKnown({ code, severity, message, detail, column, hint }) {
  if (code !== '23001') return { code, severity, message, detail, column, hint }
  const before18 = message.replace('violates RESTRICT setting of foreign key', 'violates foreign key')
  return { code: '23503', severity, message: before18, detail, column, hint }
}

function asFailure(error) {
  if (error instanceof PrismaFailure) return error
  if (error instanceof Unreadable) return inconsistent(error.message)
  const isLost = isFarewell(error) || LOST.has(classified(error).code) || /connection/i.test(error.message)
  return isLost ? connectionLost() : driverFailed(error)
}

class Transaction extends Queryable {
  options = { usePhantomQuery: false }

  constructor(context, session) {
    super(context)
    this.session = session
    this.commit = () => this.end()
    this.rollback = () => this.end()
  }

  run(query, work) {
    return this.timed(this.session, query, work)
  }

  // COMMIT or ROLLBACK has gone through executeRaw by now; a session that did not get that far must not be lent again.
  async end() {
    const broken = this.session.isGone || this.session.getTransactionStatus() !== 'I'
    this.context.pool.giveBack(this.session, { broken })
    return ok(undefined)
  }
}

export class Adapter extends Queryable {
  constructor(pool, metrics, log) {
    super({ pool, metrics, log, settings: pool.settings, remembered: new Remembered() })
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

  async run(query, work) {
    const { pool } = this.context
    const session = await pool.borrow()
    let broken = true
    try {
      const result = await this.timed(session, query, work)
      broken = false
      return result
    } catch (error) {
      broken = !(isRefusal(error) || error instanceof Unreadable)
      throw error
    } finally {
      pool.giveBack(session, { broken })
    }
  }
}

async function rows(session, { sql, args }) {
  const result = await session.query({ ...ONE, text: sql, values: args, rowMode: 'array', types: untouched })
  const { fields } = result
  await learnOwnTypes(session, fields)
  const oids = fields.map((field) => field.dataTypeID)
  return {
    columnNames: fields.map((field) => field.name),
    columnTypes: oids.map(columnType),
    rows: result.rows.map((row) => row.map((text, at) => parseColumn(oids[at], text))),
  }
}

async function affected(session, { sql, args }) {
  const { rowCount } = await session.query({ ...ONE, text: sql, values: args, types: untouched })
  return rowCount ?? 0
}

async function learnOwnTypes(session, fields) {
  const unknown = [...new Set(fields.map((field) => field.dataTypeID))].filter((oid) => isOwn(oid) && !isKnown(oid))
  if (unknown.length === 0) return
  const found = await session.query({ text: KINDS_OF_OWN, values: [unknown], rowMode: 'array' })
  for (const [oid, kind] of found.rows) learn(Number(oid), kind)
}
