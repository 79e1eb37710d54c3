// Every failure as a stable code and the server's or the system's own words; none of them holds a password.

const BY_SQLSTATE = {
  '28P01': 'authentication_failed',
  '28000': 'access_denied',
  '3D000': 'database_missing',
  '42501': 'permission_denied',
  '25006': 'read_only',
  '53100': 'disk_full',
  '53300': 'too_many_connections',
  '55P03': 'lock_timeout',
  '57P03': 'starting_up',
}

const BY_SYSTEM = {
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EPIPE: 'unreachable',
  ENOTFOUND: 'unknown_host',
  EAI_AGAIN: 'unknown_host',
  ETIMEDOUT: 'timeout',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_name',
  EPROTO: 'tls',
}

// OpenSSL's verification results, as Node names them.
const UNTRUSTED = /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|CERT_|INVALID_CA|CRL_|PATH_LENGTH|HOSTNAME_MISMATCH|ERROR_IN_CERT)/

const BY_TEXT = [
  [/does not support SSL/i, 'tls_unsupported'],
  [/establishing an SSL connection|socket disconnected before secure TLS/i, 'tls'],
  [/timeout expired/i, 'timeout'],
  [/Connection terminated/i, 'unreachable'],
  [/password must be a string|no password/i, 'authentication_failed'],
]

export class Failure extends Error {
  constructor(code, message, details = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}

const isSqlState = (code) => typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)

// `error` may come from pg, from Node's network and TLS layers, or from the schema engine (codes P1000 and up).
export function failure(error) {
  if (error instanceof Failure) return error
  const cause = error.errors?.[0] ?? error // several addresses of one name failed: the first tells
  const { code } = cause
  const message = cause.message || String(cause)
  if (/^P\d{4}$/.test(code ?? '')) return new Failure(code === 'P1012' ? 'schema_invalid' : 'engine', message, { engine: code })
  const named = BY_SQLSTATE[code] ?? BY_SYSTEM[code]
  if (named) return new Failure(named, message, isSqlState(code) ? { sqlstate: code } : {})
  if (UNTRUSTED.test(code ?? '')) return new Failure('tls_untrusted', message)
  if (/^ERR_(SSL|TLS|OSSL)/.test(code ?? '')) return new Failure('tls', message)
  // Before the texts: a server that gives a state may name a table `timeout expired`.
  if (isSqlState(code)) return new Failure('postgres', message, { sqlstate: code, detail: cause.detail, hint: cause.hint })
  const told = BY_TEXT.find(([pattern]) => pattern.test(message))
  if (told) return new Failure(told[1], message)
  return new Failure('engine', message)
}
