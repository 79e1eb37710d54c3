// The engine's answers as the client reads them: without the JSON protocol's marks, and with our own errors in words.

import { endOfString } from './json_text.mjs'
import { truthful } from './transactions.mjs'

// Inside a string every quotation mark is escaped, so these texts can only be what they look like.
const MARK = /\{"\$type":"(?:BigInt|Bytes|DateTime|Decimal|Enum|Json)","value":"/g

function unmarked(text) {
  const parts = []
  let from = 0
  MARK.lastIndex = 0
  for (let found = MARK.exec(text); found; found = MARK.exec(text)) {
    const begin = MARK.lastIndex - 1
    const end = endOfString(text, begin)
    parts.push(text.slice(from, found.index), text.slice(begin, end))
    from = MARK.lastIndex = end + 1 // past the closing brace
  }
  return from === 0 ? text : parts.join('') + text.slice(from)
}

// `roots`: the names under which the results of this request come, in its order; the client calls each `result`.
export function answer(text, roots, recall) {
  let readable = unmarked(text)
  let from = 0
  for (const root of roots) {
    const head = `{"data":{"${root}":`
    const at = readable.indexOf(head, from)
    if (at < 0) continue // it failed
    readable = `${readable.slice(0, at)}{"data":{"result":${readable.slice(at + head.length)}`
    from = at + head.length
  }
  return readable.includes('"errors":[') ? inWords(truthful(readable), recall) : readable
}

// "External error" and its number, put back into what happened.
function inWords(text, recall) {
  const parsed = JSON.parse(text)
  if (!(parsed.errors || parsed.batchResult?.some((result) => result.errors))) return text
  const mend = (error) => {
    const told = error.user_facing_error
    const known = told?.error_code === 'P2036' ? recall(told.meta?.id) : undefined
    return known ? known.asError() : error
  }
  const mended = (result) => (result.errors ? { ...result, errors: result.errors.map(mend) } : result)
  if (parsed.errors) return JSON.stringify(mended(parsed))
  return JSON.stringify({ ...parsed, batchResult: parsed.batchResult.map(mended) })
}
