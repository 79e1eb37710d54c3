// What the engine asks for at every push although it is there: a default that the catalogue spells in another way, and
// an extension that is installed. Without these statements, a second push has nothing to do.

import { installed } from './extensions.mjs'

const NAME = '"((?:[^"]|"")+)"'
const ALTER_TABLE = new RegExp(`^\\s*ALTER TABLE (?:${NAME}\\.)?${NAME}\\s+([^]*?);?\\s*$`)
const COLUMN = new RegExp(`^(?:ADD|ALTER|DROP) COLUMN ${NAME}`)
const SET_DEFAULT = new RegExp(`^ALTER COLUMN ${NAME}\\s+SET DEFAULT\\s+([^]+)$`)
const CREATE_EXTENSION = new RegExp(`^\\s*CREATE EXTENSION IF NOT EXISTS ${NAME}`)
const PIECE = /"(?:[^"]|"")*"|[eE]'(?:[^'\\]|''|\\[^])*'|'(?:[^']|'')*'|\$(\w*)\$[^]*?\$\1\$|--[^\n]*|\/\*[^]*?\*\/|[^]/g

const unquote = (name) => name.replaceAll('""', '"')

// `statements` without what is there already. Nothing is executed: the server only plans, and plans in a read-only
// session.
export async function withoutUnchanged(client, statements, defaultSchema) {
  const wanted = statements.map((text) => read(text, defaultSchema))
  const touched = wanted.flatMap(({ actions }) => actions.map((action) => action.place)).filter(Boolean)
  // A column with another change in the plan, such as of its type, needs its default set in any case.
  const alone = (place) => touched.filter((other) => other === place).length === 1
  const defaults = wanted.flatMap(({ actions }) => actions).filter((action) => action.expression && alone(action.place))
  const same = await sameDefaults(client, defaults)
  const extensions = wanted.some(({ extension }) => extension) ? await installed(client) : new Set()
  return wanted.flatMap(({ text, head, actions, extension }) => {
    if (extension) return extensions.has(extension) ? [] : [text]
    const left = actions.filter((action) => !same.has(action))
    if (left.length === actions.length) return [text]
    return left.length > 0 ? [`${head} ${left.map((action) => action.text).join(',\n')}`] : []
  })
}

function read(text, defaultSchema) {
  const extension = CREATE_EXTENSION.exec(text)
  const altered = ALTER_TABLE.exec(text)
  if (!altered) return { text, actions: [], extension: extension && unquote(extension[1]) }
  const [whole, namespace, table, rest] = altered
  const names = [namespace ? unquote(namespace) : defaultSchema, unquote(table)]
  const actions = cut(rest).map((action) => {
    const column = COLUMN.exec(action)
    const set = SET_DEFAULT.exec(action)
    if (!column) return { text: action }
    const path = [...names, unquote(column[1])]
    return { text: action, path, place: JSON.stringify(path), expression: set?.[2] }
  })
  return { text, head: whole.slice(0, whole.indexOf(rest)).trim(), actions }
}

// The actions of one ALTER TABLE: cut at the commas outside strings, names, comments and brackets.
function cut(text) {
  const parts = ['']
  let depth = 0
  for (const [piece] of text.matchAll(PIECE)) {
    depth += '(['.includes(piece) - ')]'.includes(piece)
    if (piece === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += piece
  }
  return parts.map((part) => part.trim())
}

// The server reads both texts as a value of the column's type and folds what is constant; then they are compared as it
// writes them back. What it cannot read counts as different.
async function sameDefaults(client, wanted) {
  if (wanted.length === 0) return new Set()
  const live = await liveDefaults(client, wanted)
  const pairs = wanted.flatMap((action, at) => (live.has(at) ? [{ action, ...live.get(at) }] : []))
  const outputs = (await folded(client, pairs)) ?? (await eachFolded(client, pairs))
  return new Set(pairs.filter((_, at) => outputs[2 * at] === outputs[2 * at + 1]).map(({ action }) => action))
}

async function liveDefaults(client, wanted) {
  const text = `
    SELECT w.at::int - 1, pg_get_expr(d.adbin, d.adrelid), format_type(a.atttypid, a.atttypmod)
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w (schema, name, attribute, at)
    JOIN pg_namespace n ON n.nspname = w.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = w.attribute AND a.attgenerated = ''
    JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum`
  const values = [0, 1, 2].map((part) => wanted.map(({ path }) => path[part]))
  const { rows } = await client.query({ text, values, rowMode: 'array' })
  return new Map(rows.map(([at, live, type]) => [at, { live, type }]))
}

// The extended protocol takes one statement and no more, whatever a text from the schema holds.
async function folded(client, pairs) {
  if (pairs.length === 0) return []
  const values = pairs.flatMap(({ live, type, action }) => [live, action.expression].map((one) => `(${one}\n)::${type}`))
  const text = `EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) SELECT ${values.join(', ')}`
  try {
    const { rows } = await client.query({ text, rowMode: 'array', queryMode: 'extended' })
    const output = rows[0][0][0].Plan.Output
    return output.length === values.length ? output : null
  } catch (error) {
    if (!/^[0-9A-Z]{5}$/.test(error.code ?? '')) throw error // the connection, and not the text
    return null
  }
}

async function eachFolded(client, pairs) {
  const outputs = []
  for (const pair of pairs) outputs.push(...((await folded(client, [pair])) ?? [null, undefined]))
  return outputs
}
