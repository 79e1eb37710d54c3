// From the environment that the client starts an engine with to an engine that answers.

import { Adapter } from './adapter.mjs'
import { address, readDatamodel } from './datamodel.mjs'
import { startEngine } from './engine.mjs'
import { Metrics } from './metrics.mjs'
import { Pool } from './pool.mjs'
import { Server } from './server.mjs'
import { readSettings } from './settings.mjs'

const FAREWELL = 300 // milliseconds for a clean end of the connections

export async function run(port, environ, say) {
  const { text, models, source } = readDatamodel(environ.PRISMA_DML_PATH)
  const url = address(source, environ)
  if (!url) throw new Error(`the address of the database is missing: ${source.variable ?? 'url'} is not set`)
  const metrics = new Metrics()
  const pool = new Pool(readSettings(url), metrics)
  const adapter = new Adapter(pool, metrics)
  const ready = connector(pool, say)
  ready().catch(() => {}) // while the engine is being compiled
  const logQueries = Boolean(environ.LOG_QUERIES)
  const engine = await startEngine(text, adapter, { logQueries, onLog: logger(environ, say) })
  await new Server({ engine, adapter, models, metrics, ready }).listen(port)
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => leave(pool))
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

// The engine's own log lines. Values of parameters are data of the user's and are left out.
function logger({ LOG_QUERIES: all }, say) {
  return (line) => {
    const told = JSON.parse(line)
    if (told.is_query || told.query) {
      if (all) say(`${told.query} (${told.duration_ms} ms)`)
    } else if (told.level === 'error') say(told.message ?? 'error')
  }
}

function leave(pool) {
  setTimeout(() => process.exit(0), FAREWELL).unref()
  pool.end().then(() => process.exit(0))
}
