// From the environment that the client starts an engine with to an engine that answers.

import { Adapter } from './adapter.mjs'
import { address, readDatamodel } from './datamodel.mjs'
import { startEngine } from './engine.mjs'
import { isLocalStack } from './local_stack.mjs'
import { Metrics } from './metrics.mjs'
import { Pool } from './pool.mjs'
import { unusable } from './prisma_failures.mjs'
import { Server } from './server.mjs'
import { readSettings } from './settings.mjs'

const FAREWELL = 300 // milliseconds for a clean end of the connections
const CANCELLATION = 2000 // milliseconds where statements are still running

export async function run({ port, stacks, environ, client, say }) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0))
  const parts = assemble(environ, stacks, client, say).catch((error) => {
    // It would tell nobody why if it ended now: the client asks for the status until its patience is over, and shows
    // the last answer.
    say(error.message)
    return { ready: () => Promise.reject(unusable(error)) }
  })
  await new Server(parts, () => client.heard()).listen(port) // it is there before the engine is: a client waits better than it asks again
  client.expect()
}

async function assemble(environ, stacks, client, say) {
  const { text, models, source } = readDatamodel(environ.PRISMA_DML_PATH)
  const url = address(source, environ)
  if (!url) throw new Error(`the address of the database is missing: ${source.variable ?? 'url'} is not set`)
  const settings = readSettings(url)
  const metrics = new Metrics()
  const pool = new Pool({ ...settings, scramOnly: isLocalStack(settings, stacks) }, metrics)
  const adapter = new Adapter(pool, metrics, environ.LOG_QUERIES ? say : () => {})
  client.whenGone(() => leave(pool))
  const ready = connector(pool, say)
  ready().catch(() => {}) // while the engine is being compiled
  const engine = await startEngine(text, adapter, say)
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal).once(signal, () => leave(pool))
  return { engine, adapter, models, metrics, ready }
}

// Whether the database answers: asked once at the start, and again by each question after a failure.
function connector(pool, say) {
  let attempt = null
  let said = ''
  return () => {
    attempt ??= pool.borrow().then(
      (session) => pool.giveBack(session),
      (error) => {
        attempt = null
        if (error.message !== said) say((said = error.message))
        throw error
      },
    )
    return attempt
  }
}

function leave(pool) {
  setTimeout(() => process.exit(0), pool.lent > 0 ? CANCELLATION : FAREWELL).unref()
  pool.end().then(() => process.exit(0))
}
