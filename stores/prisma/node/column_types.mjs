// How values of PostgreSQL reach Prisma's schema engine: by type number, the engine's column type and a parser.
//
// The engine reads catalogues only. What it selected in traces of push and introspection: 16, 18, 19, 20, 21, 23, 25,
// 26, 1009 and 1043. Every type that is not listed (name, regclass, enums, …) goes over as its text.

import pg from 'pg'
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils'

const asText = (value) => value
const asBoolean = (value) => value === 't'
const splitArray = pg.types.getTypeParser(1009, 'text')
const arrayOf = (parse) => (value) => splitArray(value).map((item) => (item === null ? null : parse(item)))

const TYPES = new Map([
  [16, [ColumnTypeEnum.Boolean, asBoolean]],
  [18, [ColumnTypeEnum.Character, asText]], // "char", one byte
  [20, [ColumnTypeEnum.Int64, asText]],
  [21, [ColumnTypeEnum.Int32, Number]],
  [23, [ColumnTypeEnum.Int32, Number]],
  [26, [ColumnTypeEnum.Int64, asText]], // oid
  [700, [ColumnTypeEnum.Float, Number]],
  [701, [ColumnTypeEnum.Double, Number]],
  [1700, [ColumnTypeEnum.Numeric, asText]],
  [1000, [ColumnTypeEnum.BooleanArray, arrayOf(asBoolean)]],
  [1002, [ColumnTypeEnum.CharacterArray, arrayOf(asText)]],
  [1003, [ColumnTypeEnum.TextArray, arrayOf(asText)]], // name[]
  [1005, [ColumnTypeEnum.Int32Array, arrayOf(Number)]],
  [1007, [ColumnTypeEnum.Int32Array, arrayOf(Number)]],
  [1009, [ColumnTypeEnum.TextArray, arrayOf(asText)]],
  [1015, [ColumnTypeEnum.TextArray, arrayOf(asText)]],
  [1016, [ColumnTypeEnum.Int64Array, arrayOf(asText)]],
])

const OTHERWISE = [ColumnTypeEnum.Text, asText]

export const columnType = (oid) => (TYPES.get(oid) ?? OTHERWISE)[0]

export const parsers = { getTypeParser: (oid) => (TYPES.get(oid) ?? OTHERWISE)[1] }
