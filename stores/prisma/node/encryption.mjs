// libpq's meaning of `sslmode`, for node-pg. Source: the table of SSL modes in libpq's documentation, and its rule
// that a root certificate which is there is always checked against, whatever the mode.

import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { checkServerIdentity } from 'node:tls'
import { Failure } from './failures.mjs'

const VERIFYING = new Set(['verify-ca', 'verify-full'])

// The ways to try, in order: each is null for plain text, or node-pg's `ssl` object.
export function waysToConnect(ssl) {
  if (!ssl) return [null]
  const encrypted = encryption(ssl)
  if (ssl.mode === 'allow') return [null, encrypted]
  if (ssl.mode === 'prefer') return [encrypted, null]
  return [encrypted]
}

function encryption({ mode, ca, system, cert, key, servername }) {
  if (system && mode !== 'verify-full') {
    throw new Failure('tls_settings', `sslrootcert=system needs sslmode=verify-full, not ${mode}`)
  }
  const roots = system ? null : ca ?? join(homedir(), '.postgresql', 'root.crt')
  const known = roots !== null && existsSync(roots)
  if (VERIFYING.has(mode) && !system && !known) {
    throw new Failure('tls_settings', `root certificate file "${roots}" does not exist`)
  }
  const options = { rejectUnauthorized: system || known || VERIFYING.has(mode) }
  if (known) options.ca = readFileSync(roots)
  if (cert) options.cert = readFileSync(cert)
  if (key) options.key = readFileSync(key)
  if (!isIP(servername)) options.servername = servername
  options.checkServerIdentity = mode === 'verify-full' ? (_, peer) => checkServerIdentity(servername, peer) : () => undefined
  return options
}
