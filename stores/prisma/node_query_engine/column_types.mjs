// How values of PostgreSQL reach Prisma's query engine: by type number, the engine's column type and a parser of the
// server's text. Instants are read by their offset, for a raw query may have changed the session's time zone.

import pg from 'pg'
import { asUtc, timeAsUtc } from './instants.mjs'

// The numbers of the engine's column types; a list is its element's number and 64, that of UUID apart.
const INT32 = 0
const INT64 = 1
const NUMERIC = 4
const BOOLEAN = 5
const CHARACTER = 6
const TEXT = 7
const DATE = 8
const TIME = 9
const DATETIME = 10
const JSON_TEXT = 11
const ENUM = 12
const BYTES = 13
const UUID = 15
const LIST = 64
const UUID_LIST = 78

// A value that PostgreSQL can hold and Prisma's types cannot: said in words, with the type, without the value.
export class Unreadable extends Error {}

const fits = (pattern, type, parse) => (value) => {
  if (!pattern.test(value)) throw new Unreadable(`a value of a column of type ${type} is outside what Prisma can read`)
  return parse(value)
}

const asText = (value) => value
const asBoolean = (value) => value === 't'
const asBytes = (value) => Array.from(Buffer.from(value.slice(2), 'hex')) // bytea_output is hex: see session.mjs
// What PostgreSQL prints depends on the locale; the digits do not, and the last two are the cents.
const asMoney = (value) => {
  const digits = value.replace(/\D/g, '').padStart(3, '0')
  return `${/[-(]/.test(value) ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

// scalar, list, the engine's type, the parser
const PAIRS = [
  [16, 1000, BOOLEAN, asBoolean],
  [17, 1001, BYTES, asBytes],
  [18, 1002, CHARACTER, asText], // "char", one byte
  [19, 1003, TEXT, asText], // name
  [20, 1016, INT64, asText],
  [21, 1005, INT32, Number],
  [23, 1007, INT32, Number],
  [25, 1009, TEXT, asText],
  [26, 1028, INT64, asText], // oid
  [114, 199, JSON_TEXT, asText],
  [142, 143, TEXT, asText], // xml
  [650, 651, TEXT, asText], // cidr
  // As decimals: of a float the engine keeps 16 digits, and 17 tell one from its neighbours.
  [700, 1021, NUMERIC, fits(/\d/, 'real', asText)],
  [701, 1022, NUMERIC, fits(/\d/, 'double precision', asText)],
  [790, 791, NUMERIC, asMoney],
  [829, 1040, TEXT, asText], // macaddr
  [869, 1041, TEXT, asText], // inet
  [1042, 1014, TEXT, asText], // bpchar
  [1043, 1015, TEXT, asText],
  [1082, 1182, DATE, fits(/^\d{4}-\d\d-\d\d$/, 'date', asText)],
  [1083, 1183, TIME, fits(/^(?!24)/, 'time', asText)],
  [1114, 1115, DATETIME, fits(/^\d{4}-[^B]*$/, 'timestamp', asText)],
  [1184, 1185, DATETIME, fits(/^\d{4}-[^B]*$/, 'timestamptz', asUtc)],
  [1186, 1187, TEXT, asText], // interval
  [1266, 1270, TIME, fits(/^(?!24)/, 'timetz', timeAsUtc)],
  [1560, 1561, TEXT, asText], // bit
  [1562, 1563, TEXT, asText], // varbit
  [1700, 1231, NUMERIC, fits(/\d/, 'numeric', asText)],
  [2950, 2951, UUID, asText],
  [3802, 3807, JSON_TEXT, asText],
]

const splitArray = pg.types.getTypeParser(1009, 'text')
const listOf = (parse) => {
  const item = (value) => {
    if (Array.isArray(value)) throw new Unreadable('a list of more than one dimension is outside what Prisma can read')
    return value === null ? null : parse(value)
  }
  return (value) => splitArray(value).map(item)
}

const TYPES = new Map(
  PAIRS.flatMap(([scalar, list, type, parse]) => [
    [scalar, [type, parse]],
    [list, [type === UUID ? UUID_LIST : type + LIST, listOf(parse)]],
  ]),
)

// Types that a database made itself: enums, and lists of anything. Everything else goes over as its text.
const AS_TEXT = [TEXT, asText]
const LIST_AS_TEXT = [TEXT + LIST, listOf(asText)]
const KINDS = { enum: [ENUM, asText], list: LIST_AS_TEXT, other: AS_TEXT }
const FIRST_OWN_OID = 16384

export const isKnown = (oid) => TYPES.has(oid)

// Only these may be lists or enums of the database's own making.
export const isOwn = (oid) => oid >= FIRST_OWN_OID

// kind: 'enum', 'list' or 'other'.
export const learn = (oid, kind) => TYPES.set(oid, KINDS[kind])

export const columnType = (oid) => (TYPES.get(oid) ?? AS_TEXT)[0]

export const parseColumn = (oid, text) => (text === null ? null : (TYPES.get(oid) ?? AS_TEXT)[1](text))

// For node-pg: hand every value over as the server's text; what it is, is known only when its type is.
export const untouched = { getTypeParser: () => asText }
