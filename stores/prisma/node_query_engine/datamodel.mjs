// What this engine needs to know of a schema besides the engine itself: which models there are, of what type their
// fields are, where the database is. Read line by line: Prisma's language has one declaration on each.

import { readFileSync } from 'node:fs'

const BLOCK = /^\s*(model|view|enum|type|datasource|generator)\s+(\w+)\s*\{/
const FIELD = /^\s*(\w+)\s+(\w+)(\[\])?/
const SETTING = /^\s*(\w+)\s*=\s*(?:env\(\s*"([^"]*)"\s*\)|"((?:[^"\\]|\\.)*)")/

// {text, models: name -> {field -> {type, list}}, source: {name, variable, literal}}
export function readDatamodel(path) {
  const text = readFileSync(path, 'utf8')
  const models = new Map()
  const source = { name: 'db', variable: undefined, literal: undefined }
  let block = null
  for (const line of text.split('\n')) {
    const begun = BLOCK.exec(line)
    if (begun) {
      block = { kind: begun[1], name: begun[2] }
      if (isModel(block)) models.set(block.name, new Map())
      if (block.kind === 'datasource') source.name = block.name
    } else if (/^\s*\}/.test(line)) {
      block = null
    } else if (block && isModel(block)) {
      const field = FIELD.exec(line)
      if (field) models.get(block.name).set(field[1], { type: field[2], list: Boolean(field[3]) })
    } else if (block?.kind === 'datasource') {
      const setting = SETTING.exec(line)
      if (setting?.[1] === 'url') Object.assign(source, { variable: setting[2], literal: setting[3] })
    }
  }
  return { text, models, source }
}

const isModel = ({ kind }) => kind === 'model' || kind === 'view'

// The database's address: what the client overrides it with, else what the schema says. Undefined where there is none.
export function address(source, environ) {
  const overrides = JSON.parse(environ.OVERWRITE_DATASOURCES ?? '[]')
  const override = overrides.find(({ name }) => name === source.name) ?? overrides[0]
  return override?.url ?? (source.variable ? environ[source.variable] : source.literal)
}
