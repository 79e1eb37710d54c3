// Failures of the connection, as Prisma numbers them and in words; none of them holds a password or a value.

import { failure as classified } from './failures.mjs'

// An error that has a number of Prisma's (P1001, P2024, …): it replaces the engine's own "External error".
export class PrismaFailure extends Error {
  constructor(code, message, meta = {}) {
    super(message)
    this.code = code
    this.meta = meta
  }

  // As the engine writes its errors.
  asError() {
    const told = { is_panic: false, message: this.message, meta: this.meta, error_code: this.code }
    return { error: this.message, user_facing_error: told }
  }
}

const WORDS = {
  authentication_failed: ['P1000', ({ user }) => `the server refuses the password of the role ${user}`],
  access_denied: ['P1010', ({ user, database }) => `the server denies the role ${user} the database ${database}`],
  database_missing: ['P1003', ({ database }) => `the database ${database} does not exist on the server`],
  timeout: ['P1002', ({ connectTimeout }) => `the server did not answer within ${connectTimeout} s`],
  unreachable: ['P1001', () => 'nothing answers there'],
  not_ours: ['P1001', (_, message) => message],
  unknown_host: ['P1001', () => 'its name is not known'],
  starting_up: ['P1001', () => 'the server is starting up'],
  too_many_connections: ['P2037', () => 'the server has no connection left'],
  tls: ['P1011', (_, message) => `TLS failed: ${message}`],
  tls_unsupported: ['P1011', () => 'the server does not support TLS, and sslmode asks for it'],
  tls_untrusted: ['P1011', (_, message) => `the server's certificate is not trusted: ${message}`],
  tls_name: ['P1011', () => "the server's certificate is for another name"],
  tls_settings: ['P1011', (_, message) => message],
}

// Why no connection could be made to `settings`.
export function notConnected(error, settings) {
  if (error instanceof PrismaFailure) return error
  const reason = classified(error)
  const [code, words] = WORDS[reason.code] ?? ['P1001', (_, message) => message]
  return new PrismaFailure(code, `Can't reach the database at ${settings.endpoint}: ${words(settings, reason.message)}.`, {
    database_host: settings.host,
    database_port: settings.port,
  })
}

export function connectionLost() {
  return new PrismaFailure('P1017', 'Server has closed the connection.')
}

// What nobody foresaw: the words of the driver or of our own code.
export function driverFailed(error) {
  return new PrismaFailure('P2036', `Error in the database driver: ${error.message}`)
}

export function inconsistent(message) {
  return new PrismaFailure('P2023', `Inconsistent column data: ${message}.`, { message })
}

export function queryTimeout(seconds) {
  return new PrismaFailure('P1008', `Operations timed out after ${seconds} s (socket_timeout).`, { time: seconds })
}

export function poolTimeout({ poolTimeout: seconds, connectionLimit }) {
  const message =
    'Timed out fetching a new connection from the connection pool. ' +
    `(Current connection pool timeout: ${seconds}, connection limit: ${connectionLimit})`
  return new PrismaFailure('P2024', message, { connection_limit: connectionLimit, timeout: seconds })
}

// Why this engine can serve nothing at all.
export function unusable(error) {
  return new PrismaFailure(error.code ?? 'P1012', `The query engine cannot start: ${error.message}.`)
}
