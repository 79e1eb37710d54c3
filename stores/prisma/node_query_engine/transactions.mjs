// Interactive transactions: started within `max_wait` or not at all, ended once; refusals in the client's own terms.

import { within } from './deadline.mjs'
import { PrismaFailure } from './prisma_failures.mjs'

const MAX_WAIT = 2000 // milliseconds, the client's own default

// {id}, or throws PrismaFailure.
export async function start(engine, body, recall) {
  const { max_wait: maxWait = MAX_WAIT } = JSON.parse(body)
  const starting = engine.startTransaction(body, '{}').then((text) => read(text, recall))
  try {
    return await within(Math.max(maxWait, 1) / 1000, starting, notStarted)
  } catch (error) {
    // The engine does not give up its place in the pool's line: what it gets later is given back at once.
    starting.then(({ id }) => engine.rollbackTransaction(id, '{}')).catch(() => {})
    throw error
  }
}

// verb: 'commit' or 'rollback'.
export async function end(engine, verb, id, recall) {
  return read(await engine[`${verb}Transaction`](id, '{}'), recall)
}

function read(text, recall) {
  const told = JSON.parse(text)
  if (!told.error_code) return told
  throw recall(told.meta?.id) ?? closed(told)
}

function notStarted() {
  return new PrismaFailure('P2028', 'Transaction API error: Unable to start a transaction in the given time.')
}

// The client tells an expired transaction by the beginning of the error's text.
function closed({ error_code: code, message, meta }) {
  const text = truthful(message.replace(/^Transaction API error: (?=Transaction already closed)/, ''))
  return new PrismaFailure(code, text, meta ?? {})
}

// The WebAssembly engine has no clock for this and always says 0.
export function truthful(text) {
  return text.replace(', however 0 ms passed since the start of the transaction', '')
}
