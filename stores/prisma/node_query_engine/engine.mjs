// Prisma's query engine itself, as WebAssembly.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as glue from '@prisma/query-engine-wasm/postgresql/query_engine_bg.js'

const MODULE = fileURLToPath(import.meta.resolve('@prisma/query-engine-wasm/postgresql/query_engine_bg.wasm'))

// `say` gets what the engine reports as an error outside of an answer.
export async function startEngine(datamodel, adapter, say) {
  const { instance } = await WebAssembly.instantiate(readFileSync(MODULE), { './query_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  const onLog = (line) => say(JSON.parse(line).message ?? 'an error')
  const engine = construct({ datamodel, logLevel: 'error', logQueries: false }, onLog, adapter)
  await engine.connect('{}')
  return engine
}

function construct(options, onLog, adapter) {
  try {
    return new glue.QueryEngine(options, onLog, adapter)
  } catch (error) {
    throw new Error(`the schema cannot be used: ${plain(error.message)}`)
  }
}

// The validator's own text, which comes as JSON and coloured for a terminal.
function plain(text) {
  let told = text
  try {
    told = JSON.parse(text).message ?? text
  } catch {
    // not JSON
  }
  return told.replace(/\x1b\[[0-9;]*m/g, '').replace(/\s+/g, ' ').trim()
}
