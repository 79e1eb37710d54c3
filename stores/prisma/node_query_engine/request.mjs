// The client's queries (GraphQL, as much of it as its builder writes) as the engine's own JSON protocol.
//
// Text becomes text: strings and numbers are copied as they stand, for both languages write them the same, so no digit
// is lost on the way. One thing needs the schema: the value of a Json field comes as a string and has to be marked.

import { endOfString } from './json_text.mjs'

const TOKEN = /[\s,]*(?:([{}()[\]:])|(")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(-?[A-Za-z_]\w*))/y
const ACTION =
  /^(findUnique|findFirst|findMany|createOne|createMany|updateOne|updateMany|deleteOne|deleteMany|upsertOne|aggregate|groupBy)(\w+)$/
const RAW = new Set(['queryRaw', 'executeRaw'])
const LITERALS = new Set(['true', 'false', 'null'])

export class BadRequest extends Error {}

// [the request's text, the name its answer comes under]
export function translate(query, models) {
  return new Reader(query, models).document()
}

// Where in an argument we are: which model the keys belong to, and what they mean there.
const PLAIN = { key: () => PLAIN }
const RAW_ARGS = { key: (name) => (name === 'parameters' ? PARAMETERS : PLAIN) }
const PARAMETERS = { isParameters: true, key: () => PLAIN }
const JSON_VALUE = { isJson: true, key: (name) => (NO_JSON.has(name) ? PLAIN : JSON_VALUE) }
// Keys of a Json filter that take something else than Json.
const NO_JSON = new Set(['path', 'mode', 'string_contains', 'string_starts_with', 'string_ends_with', 'isEmpty'])
const FILTERS = new Set(['where', 'cursor', 'having'])
const INPUTS = new Set(['data', 'create', 'update'])
const TO_FILTER = new Set(['connect', 'disconnect', 'set', 'delete', 'deleteMany'])
const QUANTIFIERS = new Set(['some', 'every', 'none', 'is', 'isNot'])
const BOOLEANS = new Set(['AND', 'OR', 'NOT'])

class Places {
  constructor(models) {
    this.models = models
  }

  field(model, name, onRelation, otherwise) {
    const field = this.models.get(model)?.get(name)
    if (!field) return otherwise
    if (field.type === 'Json') return JSON_VALUE
    return this.models.has(field.type) ? onRelation(field) : PLAIN
  }

  args = (model) => ({
    key: (name) => (FILTERS.has(name) ? this.filter(model) : INPUTS.has(name) ? this.input(model) : PLAIN),
  })

  filter = (model) => ({
    key: (name) =>
      BOOLEANS.has(name) ? this.filter(model) : this.field(model, name, ({ type }) => this.related(type), this.filter(model)),
  })

  related = (model) => ({
    key: (name) => (QUANTIFIERS.has(name) ? this.filter(model) : this.filter(model).key(name)),
  })

  input = (model) => ({ key: (name) => this.field(model, name, (field) => this.nested(field), PLAIN) })

  nested = ({ type, list }) => ({
    key: (name) => {
      if (name === 'create') return this.input(type)
      if (TO_FILTER.has(name)) return this.filter(type)
      return name === 'update' && !list ? this.single(type) : this.args(type)
    },
  })

  // The update of a to-one relation is either the input itself or {where, data}; a field of that name wins.
  single = (model) => ({
    key: (name) => (this.models.get(model)?.has(name) ? this.input(model) : this.args(model)).key(name),
  })
}

class Reader {
  constructor(text, models) {
    this.text = text
    this.models = models
    this.places = new Places(models)
    this.at = 0
    this.next()
  }

  document() {
    this.name() // query or mutation
    this.want('{')
    this.name() // what the client calls its result
    this.want(':')
    const root = this.name()
    const { action, model } = this.action(root)
    const query = this.field(model, model ? this.places.args(model) : RAW_ARGS)
    this.want('}')
    const modelName = model ? `"modelName":${JSON.stringify(model)},` : ''
    return [`{${modelName}"action":"${action}","query":${query}}`, root]
  }

  action(root) {
    if (RAW.has(root)) return { action: root }
    const [, action, named] = ACTION.exec(root) ?? []
    if (this.models.has(named)) return { action, model: named }
    const strict = named?.replace(/OrThrow$/, '')
    if (!this.models.has(strict)) throw new BadRequest(`the schema has no ${root}`)
    return { action: `${action}OrThrow`, model: strict }
  }

  field(model, place) {
    const given = this.eat('(') ? this.pairs(')', place) : '{}'
    const chosen = this.eat('{') ? this.selection(model) : '{}'
    return `{"arguments":${given},"selection":${chosen}}`
  }

  selection(model) {
    const parts = []
    while (!this.eat('}')) {
      const name = this.name()
      const type = this.models.get(model)?.get(name)?.type
      const nested = this.token[1] === '(' || this.token[1] === '{'
      parts.push(`"${name}":${nested ? this.field(type, type ? this.places.args(type) : PLAIN) : 'true'}`)
    }
    return `{${parts.join()}}`
  }

  pairs(end, place) {
    const parts = []
    while (!this.eat(end)) {
      const name = this.name()
      this.want(':')
      parts.push(`"${name}":${this.value(place.key(name))}`)
    }
    return `{${parts.join()}}`
  }

  value(place) {
    if (this.eat('{')) return this.pairs('}', place)
    if (this.eat('[')) {
      const items = []
      while (!this.eat(']')) items.push(this.value(place))
      return `[${items.join()}]`
    }
    const [, , string, number, word] = this.token
    const begin = this.begin
    this.next()
    if (string !== undefined) {
      const literal = unindented(string, this.text, begin)
      if (place.isParameters) return exactParameters(literal)
      return place.isJson ? `{"$type":"Json","value":${literal}}` : literal
    }
    if (number !== undefined) return isLong(number) ? `{"$type":"Decimal","value":"${number}"}` : number
    if (word === undefined) throw new BadRequest('a value is missing')
    return LITERALS.has(word) ? word : JSON.stringify(word)
  }

  name() {
    const word = this.token[4]
    if (word === undefined) throw new BadRequest('a name is missing')
    this.next()
    return word
  }

  eat(mark) {
    if (this.token[1] !== mark) return false
    this.next()
    return true
  }

  want(mark) {
    if (!this.eat(mark)) throw new BadRequest(`${mark} is missing`)
  }

  next() {
    TOKEN.lastIndex = this.at
    const token = TOKEN.exec(this.text) ?? []
    this.token = token
    this.at = token.length ? TOKEN.lastIndex : this.text.length
    if (token.length === 0 && this.text.slice(this.ended).trim()) throw new BadRequest('something that is no part of a query')
    if (token[2]) {
      this.begin = TOKEN.lastIndex - 1
      this.at = endOfString(this.text, this.begin)
      if (this.at < 0) throw new BadRequest('a string does not end')
      token[2] = this.text.slice(this.begin, this.at)
    }
    this.ended = this.at
  }
}

// The builder indents its lines with a function that also breaks them at U+0085, U+2028 and U+2029, inside strings too:
// the spaces of the line's own indentation come after each. They are known exactly, so they are taken out again.
const BREAK = /([\u0085\u2028\u2029])( +)/g

function unindented(literal, text, begin) {
  if (!/[\u0085\u2028\u2029]/.test(literal)) return literal
  const line = text.slice(text.lastIndexOf('\n', begin) + 1)
  const indent = line.length - line.trimStart().length
  return literal.replace(BREAK, (_, mark, spaces) => mark + spaces.slice(Math.min(indent, spaces.length)))
}

// A float needs 17 digits to be told from its neighbours and the engine keeps 16 of it; of a decimal it keeps all.
const isLong = (number) => /[.eE]/.test(number) && number.replace(/[eE].*/, '').replace(/\D/g, '').replace(/^0+/, '').length > 15

// The parameters of a raw query are JSON inside a string; a number within an object there is part of that object.
const PART = /["{}]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

function exactParameters(literal) {
  if (!/\d\.?\d{7}/.test(literal)) return literal
  const text = JSON.parse(literal)
  const parts = []
  let depth = 0
  let from = 0
  PART.lastIndex = 0
  for (let found = PART.exec(text); found; found = PART.exec(text)) {
    const [part] = found
    if (part === '{') depth += 1
    else if (part === '}') depth -= 1
    else if (part === '"') PART.lastIndex = endOfString(text, found.index)
    else if (depth === 0 && isLong(part)) {
      parts.push(text.slice(from, found.index), `{"prisma__type":"decimal","prisma__value":"${part}"}`)
      from = PART.lastIndex
    }
  }
  return JSON.stringify(parts.join('') + text.slice(from))
}
