// Prisma's schema engine as WebAssembly, loaded once for a process.

import { readFile } from 'node:fs/promises'
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg'

const WASM = new URL('./node_modules/@prisma/schema-engine-wasm/schema_engine_bg.wasm', import.meta.url)

export async function openEngine(schema, factory) {
  const { instance } = await WebAssembly.instantiate(await readFile(WASM), { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  const datamodels = schema.files.map(({ path, content }) => [path, content])
  return glue.SchemaEngine.new({ datamodels }, () => {}, factory)
}
