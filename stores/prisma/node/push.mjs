// Do what was judged, and nothing else.
//
// Under the lock the plan is made again. Only if it is still word for word what the caller judged, and everything that
// it was judged by is still there as it was, are its statements executed; otherwise the new plan goes back, so that it
// can be judged first. An index that was made meanwhile would go with its column, and nobody would have been asked.

import { facts } from './facts.mjs'
import { Failure, failure } from './failures.mjs'
import { plan } from './plan.mjs'

// The key of Prisma's native schema engine, which the WebAssembly build leaves out; held until the session ends.
const LOCK = 72707369

const NAME = '"((?:[^"]|"")+)"'
const TAKEN_FROM = new RegExp(`^\\s*(?:ALTER|DROP) TABLE ((?:${NAME}\\.)?${NAME})(?=;?\\s*$|[^]*\\b(?:DROP|TYPE)\\b)`)

export async function push(client, request, tell) {
  await takeLock(client, request.lock_timeout)
  const now = await plan(client, request)
  const holds = sameList(now.statements, request.recorded) && now.digest === request.digest
  if (!holds) return { changed: true, ...now }
  const unchanged = async (statements) => {
    await lockTables(client, statements, now.live.tables, request.settings.schema)
    return (await facts(client, now.judged)).digest === request.digest
  }
  // The engine plans once in a process; whoever asked plans again.
  if (!(await apply(client, request.execute, tell, unchanged))) return { changed: true, statements: null }
  return { changed: false, executed: request.execute.length }
}

async function takeLock(client, seconds) {
  try {
    // It stays in force: a statement of ours must not wait for ever behind somebody's open transaction either.
    await client.query(`SET lock_timeout = '${Number(seconds)}s'; SELECT pg_advisory_lock(${LOCK})`)
  } catch (error) {
    const reason = failure(error)
    if (reason.code !== 'lock_timeout') throw reason
    throw new Failure('push_lock', `it holds the lock (key ${LOCK}) for more than ${seconds} s`)
  }
}

// The tables that something is taken from, as the statements name them. From now on nobody else changes them, so what is
// read of them holds until the end of the transaction.
async function lockTables(client, statements, there, defaultSchema) {
  const known = new Set(there.map((names) => JSON.stringify(names)))
  const tables = statements.flatMap((text) => {
    const [, whole, schema, name] = TAKEN_FROM.exec(text) ?? []
    const names = [schema ?? defaultSchema, name].map((one) => one?.replaceAll('""', '"'))
    return known.has(JSON.stringify(names)) ? [whole] : []
  })
  if (tables.length > 0) await client.query(`LOCK TABLE ${[...new Set(tables)].join(', ')} IN ACCESS EXCLUSIVE MODE`)
}

// Whether it was done. It was not where `unchanged`, asked inside the transaction before anything is lost, says no.
async function apply(client, statements, tell, unchanged) {
  let at = 0
  let committed = 0
  let asked = false
  let onlyValues = true // what an earlier transaction of this push has made would look like a change
  try {
    for (const group of transactions(statements)) {
      if (!group.alone) await client.query('BEGIN')
      if (!group.alone && !asked && group.statements.some((text) => TAKEN_FROM.test(text) || /^\s*DROP/.test(text))) {
        asked = true
        if (onlyValues && !(await unchanged(group.statements))) {
          await client.query('ROLLBACK')
          return false
        }
      }
      for (const statement of group.statements) {
        tell({ event: 'statement', number: at + 1, of: statements.length, sql: statement })
        if (!/^(BEGIN|COMMIT)$/i.test(statement.trim())) await client.query(statement)
        at += 1
      }
      if (!group.alone) await client.query('COMMIT')
      onlyValues &&= group.alone
      committed = at
    }
  } catch (error) {
    const reason = failure(error)
    throw new Failure(reason.code, reason.message, { ...reason.details, statement: statements[at], committed })
  }
  return true
}

// PostgreSQL lets a new value of an enum be used only after its transaction is over, so those stand alone.
function* transactions(statements) {
  let together = []
  for (const statement of statements) {
    if (!/^ALTER TYPE .* ADD VALUE /.test(statement)) {
      together.push(statement)
      continue
    }
    if (together.length > 0) yield { alone: false, statements: together }
    together = []
    yield { alone: true, statements: [statement] }
  }
  if (together.length > 0) yield { alone: false, statements: together }
}

const sameList = (a, b) => a.length === b.length && a.every((item, at) => item === b[at])
