// Stands in for Prisma's native `query-engine` binary: the same command line, environment and HTTP interface, with the
// WebAssembly build of the same engine and PostgreSQL through node-pg. One process serves one client and ends with it.

import { ClientWatch } from './client_watch.mjs'

const OLDEST = 20

const say = (line) => process.stderr.write(`query-engine: ${line}\n`)

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  say(`Node ${process.versions.node} is too old; ${OLDEST} or newer is needed.`)
  process.exit(1)
}

// libpq's variables are not for this engine, as the native one does not read them either; node-pg would.
for (const name of Object.keys(process.env)) if (/^PG[A-Z]/.test(name)) delete process.env[name]

const argument = (name) => process.argv[process.argv.lastIndexOf(name) + 1]
const client = new ClientWatch(Number(argument('--parent')))

try {
  const { run } = await import('./run.mjs')
  await run({ port: Number(argument('-p')), stacks: argument('--stacks'), environ: process.env, client, say })
} catch (error) {
  say(error?.message ?? String(error))
  process.exit(1)
}
