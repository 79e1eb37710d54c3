// Do what was judged, and nothing else.
//
// Under the lock the plan is made again. Only if it is still word for word what the caller judged are its statements
// executed; otherwise the new plan goes back, so that it can be judged first.

import { Failure, failure } from './failures.mjs'
import { plan } from './plan.mjs'

// The key of Prisma's native schema engine, which the WebAssembly build leaves out; held until the session ends.
const LOCK = 72707369

export async function push(client, request, tell) {
  await takeLock(client, request.lock_timeout)
  const now = await plan(client, request)
  if (!sameList(now.statements, request.recorded)) return { changed: true, ...now }
  await apply(client, request.execute, tell)
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

async function apply(client, statements, tell) {
  let at = 0
  let committed = 0
  try {
    for (const group of transactions(statements)) {
      if (!group.alone) await client.query('BEGIN')
      for (const statement of group.statements) {
        tell({ event: 'statement', number: at + 1, of: statements.length, sql: statement })
        if (!/^(BEGIN|COMMIT)$/i.test(statement.trim())) await client.query(statement)
        at += 1
      }
      if (!group.alone) await client.query('COMMIT')
      committed = at
    }
  } catch (error) {
    const reason = failure(error)
    throw new Failure(reason.code, reason.message, { ...reason.details, statement: statements[at], committed })
  }
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
