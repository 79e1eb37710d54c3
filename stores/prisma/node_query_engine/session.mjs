// One session on one server: TLS as libpq would do it, and the formats that the type table reads.

import pg from 'pg'
import { failure } from './failures.mjs'
import { WATCH_FOR_A_GONE_CLIENT } from './gone_client.mjs'
import { waysToConnect } from './encryption.mjs'
import { notConnected } from './prisma_failures.mjs'
import { scramOnly } from './scram.mjs'

// After these another way may work: the server knows no TLS, refuses this kind of connection, or the handshake failed.
const TRY_ANOTHER = new Set(['tls', 'tls_unsupported', 'tls_untrusted', 'tls_name', 'access_denied', 'authentication_failed'])

class Session extends pg.Client {
  // Sent with the greeting, so they cost no round trip, and poolers know them. The engine writes its times without an
  // offset and means UTC: in a session of another time zone every one of them would be another instant.
  getStartupConf() {
    return { ...super.getStartupConf(), TimeZone: 'UTC', DateStyle: 'ISO', client_encoding: 'UTF8', ...this.startup }
  }

  // Ask the server, or the pooler before it, to give up the running statement. It never says whether it did.
  cancelRunning() {
    return new Promise((done) => {
      const connection = new pg.Connection({ ssl: this.ssl })
      const ask = () => connection.cancel(this.processID, this.secretKey)
      connection.once('connect', () => (this.ssl ? connection.requestSsl() : ask()))
      connection.once('sslconnect', ask)
      connection.once('error', done)
      connection.once('end', done)
      if (this.host.startsWith('/')) connection.connect(`${this.host}/.s.PGSQL.${this.port}`)
      else connection.connect(this.port, this.host)
    })
  }
}

const ProvenSession = scramOnly(Session)

// Raises PrismaFailure.
export async function openSession(settings, onEnd) {
  const refused = []
  try {
    for (const ssl of waysToConnect(settings.ssl)) {
      try {
        return await open(settings, ssl, onEnd)
      } catch (error) {
        const reason = failure(error)
        refused.push(reason)
        if (!TRY_ANOTHER.has(reason.code)) break
      }
    }
  } catch (error) {
    refused.push(error)
  }
  throw notConnected(refused.find((reason) => reason.code === 'authentication_failed') ?? refused.at(-1), settings)
}

async function open(settings, ssl, onEnd) {
  const session = new (settings.scramOnly ? ProvenSession : Session)({
    host: settings.host,
    port: settings.port,
    user: settings.user,
    password: settings.password,
    database: settings.database,
    options: settings.options,
    ssl: ssl ?? false,
    enableChannelBinding: Boolean(ssl && settings.ssl.channelBinding),
    application_name: settings.applicationName,
    connectionTimeoutMillis: settings.connectTimeout * 1000,
    keepAlive: true,
  })
  session.startup = settings.setsSearchPath ? { search_path: pg.escapeIdentifier(settings.schema) } : {}
  session.on('error', () => {}) // it broke while idle: `end` follows
  try {
    await session.connect()
    await session.query(WATCH_FOR_A_GONE_CLIENT).catch(() => {}) // it is a help and no condition
  } catch (error) {
    session.connection?.stream?.destroy()
    throw error
  }
  session.once('end', () => onEnd(session))
  return session
}
