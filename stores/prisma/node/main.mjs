// One request in as JSON on standard input, one answer out as JSON lines on standard output: events while it runs,
// then {"result": …} or {"error": {code, message, …}}. Passwords come in with the request and go nowhere else.

import { text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { connect } from './connection.mjs'
import { failure } from './failures.mjs'

// The engine runs once for half a second: optimizing its machine code costs more (0.4 s) than it can give back.
setFlagsFromString('--liftoff-only')

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

async function withSession(request, work) {
  const client = await connect(request.settings)
  try {
    return await work(client)
  } finally {
    // A clean farewell frees the lock at once; a network that is gone by now must not hold the answer back.
    await Promise.race([client.end().catch(() => {}), new Promise((late) => setTimeout(late, 2000))])
  }
}

// Each loads what it needs and no more: the two WebAssembly modules cost a third of a second.
const OPERATIONS = {
  describe: async ({ schema }) => (await import('./schema_reader.mjs')).describe(schema),
  version: (request) =>
    withSession(request, async (client) => {
      const { rows } = await client.query("SELECT current_setting('server_version') AS version")
      return { ...rows[0], encrypted: Boolean(client.connection.stream.encrypted) }
    }),
  plan: async (request) => {
    const { plan } = await import('./plan.mjs')
    return withSession(request, (client) => plan(client, request))
  },
  push: async (request) => {
    const { push } = await import('./push.mjs')
    return withSession(request, (client) => push(client, request, tell))
  },
}

let answer
try {
  const request = JSON.parse(await text(process.stdin))
  answer = { result: await OPERATIONS[request.operation](request) }
} catch (error) {
  const { code, message, details } = failure(error)
  answer = { error: { code, message, ...details } }
}
// The engine leaves a timer of 60 s behind; leaving by hand does not wait for it.
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0))
