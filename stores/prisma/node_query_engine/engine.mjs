// Prisma's query engine itself, as WebAssembly.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as glue from '@prisma/query-engine-wasm/postgresql/query_engine_bg.js'

const MODULE = fileURLToPath(import.meta.resolve('@prisma/query-engine-wasm/postgresql/query_engine_bg.wasm'))

// What an engine is started with; `onLog` gets the engine's log lines, which are JSON.
export async function startEngine(datamodel, adapter, { logQueries, onLog }) {
  const { instance } = await WebAssembly.instantiate(readFileSync(MODULE), { './query_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  const options = { datamodel, logLevel: logQueries ? 'info' : 'error', logQueries }
  const engine = new glue.QueryEngine(options, onLog, adapter)
  await engine.connect('{}')
  return engine
}
