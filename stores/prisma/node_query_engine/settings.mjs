// A DATABASE_URL as what this engine connects and pools with. The same meaning of TLS as stores/postgres/settings.py has,
// which is libpq's; a test holds the two against each other.

import { availableParallelism } from 'node:os'

const MODES = new Set(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])
const CONNECT_TIMEOUT = 15 // seconds; a waking database answers nothing for up to 7
const POOL_TIMEOUT = 10 // seconds, Prisma's own default

// The error's text never echoes the address: it holds the password.
export class BadAddress extends Error {}

export function readSettings(address) {
  let url
  try {
    url = new URL(address)
  } catch {
    throw new BadAddress('the address of the database is not a URL; special characters of the password must be percent-encoded')
  }
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw new BadAddress('the address of the database must start with postgresql://')
  const param = (name) => url.searchParams.getAll(name).at(-1)
  const socket = param('host')
  const host = socket ?? decoded(url.hostname).replace(/^\[|\]$/g, '').toLowerCase()
  if (!host) throw new BadAddress('the address of the database names no host')
  const user = decoded(url.username)
  return {
    host,
    port: Number(url.port) || 5432,
    user,
    password: decoded(url.password),
    database: decoded(url.pathname.replace(/^\/+/, '')) || user,
    schema: param('schema') || 'public',
    setsSearchPath: Boolean(param('schema')) && param('pgbouncer') !== 'true',
    options: param('options'),
    applicationName: param('application_name') || 'prisma',
    ssl: host.startsWith('/') ? null : encryption(param, host),
    connectTimeout: seconds(param('connect_timeout'), CONNECT_TIMEOUT),
    queryTimeout: seconds(param('socket_timeout'), 0),
    poolTimeout: seconds(param('pool_timeout'), POOL_TIMEOUT),
    connectionLimit: Math.max(1, Math.floor(Number(param('connection_limit'))) || availableParallelism() * 2 + 1),
    endpoint: host.startsWith('/') ? host : `${host.includes(':') ? `[${host}]` : host}:${Number(url.port) || 5432}`,
  }
}

function encryption(param, servername) {
  const ca = param('sslrootcert') ?? null
  let mode = param('sslmode')
  if (mode === undefined && ca === 'system') mode = 'verify-full'
  if (mode === undefined && param('ssl')?.toLowerCase() === 'true') mode = 'require'
  if (!MODES.has(mode)) mode = 'prefer'
  const settings = { mode, ca: ca === 'system' ? null : ca, system: ca === 'system' }
  // Prisma's own words for the same: strict checks the name too, and its sslcert is the server's root certificate.
  if (param('sslaccept') === 'strict' && mode !== 'disable') Object.assign(settings, strict(param, settings))
  if (settings.mode === 'disable') return null
  return {
    ...settings,
    cert: settings.prismaRoot ? null : param('sslcert') ?? null,
    key: param('sslkey') ?? null,
    servername,
    channelBinding: param('channel_binding') === 'require',
  }
}

function strict(param, { ca }) {
  const root = ca ?? (param('sslkey') ? null : param('sslcert')) ?? null
  return { mode: 'verify-full', ca: root, system: root === null, prismaRoot: root !== null && root !== ca }
}

// 0 means without an end, as in Prisma.
function seconds(text, otherwise) {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : otherwise
}

function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new BadAddress('the address of the database has a % that begins no percent-encoded character')
  }
}
