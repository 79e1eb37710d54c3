// A Prisma schema read without a database: its generators, its datasource, and the model behind its models (DMMF).

import reader from '@prisma/prisma-schema-wasm'
import { Failure } from './failures.mjs'

const asked = (ask, what) => {
  try {
    return JSON.parse(ask(JSON.stringify(what)))
  } catch (error) {
    throw new Failure('schema_invalid', readable(error.message))
  }
}

export function describe(schema) {
  const prismaSchema = schema.files.map(({ path, content }) => [path, content])
  const parsed = asked(reader.get_config, { prismaSchema, datasourceOverrides: {}, ignoreEnvVarErrors: true, env: {} })
  if (parsed.errors?.length) throw new Failure('schema_invalid', parsed.errors.map((e) => readable(e.message)).join('\n'))
  const config = parsed.config ?? parsed
  const dmmf = asked(reader.get_dmmf, { prismaSchema })
  return { generators: config.generators, datasources: config.datasources, dmmf }
}

// The parser throws its report as JSON or as plain text.
function readable(message) {
  try {
    return JSON.parse(message).message ?? message
  } catch {
    return message
  }
}
