// One session on one server: TLS as libpq would do it, UTC, the search path of `?schema=`, and `settings.session`.

import pg from 'pg'
import { waysToConnect } from './encryption.mjs'
import { failure } from './failures.mjs'
import { WATCH_FOR_A_GONE_CLIENT } from './gone_client.mjs'
import { neverInClear, scramOnly } from './scram.mjs'

// After these another way may work: the server knows no TLS, refuses this kind of connection, or the handshake failed.
const TRY_ANOTHER = new Set(['tls', 'tls_unsupported', 'tls_untrusted', 'tls_name', 'access_denied', 'authentication_failed'])

// What a database or a role has set may change how a default or an index is written out, and what a text means.
const FIX = `SELECT set_config(s.key, s.value, false) FROM json_each_text($1) AS s
  WHERE current_setting(s.key, true) <> s.value`

export async function connect(settings) {
  const refused = []
  for (const ssl of waysToConnect(settings.ssl)) {
    try {
      return await open(settings, ssl)
    } catch (error) {
      const reason = failure(error)
      refused.push(reason)
      if (!TRY_ANOTHER.has(reason.code)) break
    }
  }
  throw refused.find((reason) => reason.code === 'authentication_failed') ?? refused.at(-1)
}

async function open(settings, ssl) {
  const Client = settings.scram_only ? scramOnly(pg.Client) : settings.never_in_clear ? neverInClear(pg.Client) : pg.Client
  const client = new Client({
    host: settings.host,
    port: settings.port,
    user: settings.user,
    password: settings.password ?? '',
    database: settings.database,
    ssl: ssl ?? false,
    enableChannelBinding: Boolean(ssl && settings.ssl.channelBinding),
    application_name: 'soundcheck',
    connectionTimeoutMillis: settings.connect_timeout * 1000,
    keepAlive: true,
  })
  client.on('error', () => {}) // a connection that breaks while idle: the next query says so
  try {
    await client.connect()
    // Times travel as text, so the session must not shift them. DDL is unqualified: the search path decides where.
    await client.query(FIX, [JSON.stringify(settings.session ?? {})])
    const where = `SET TIME ZONE 'UTC'; SET search_path = ${pg.escapeIdentifier(settings.schema)}`
    await client.query(`${where};${WATCH_FOR_A_GONE_CLIENT}`)
    return client
  } catch (error) {
    client.connection?.stream?.destroy()
    throw error
  }
}
