// The HTTP interface of Prisma's query engine, as its Python client uses it.

import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { answer } from './answer.mjs'
import { within } from './deadline.mjs'
import { PrismaFailure } from './prisma_failures.mjs'
import { BadRequest, translate } from './request.mjs'
import * as transactions from './transactions.mjs'

// Seconds that a client's question for the status is held; it asks a hundred times, with a pause in between. At the
// start it is held for as long as a start takes, so that the answer comes with the readiness.
const HELD = 0.1
const HELD_AT_START = 1

export class Server {
  // `parts`: a promise of {engine, adapter, models, metrics, ready}; without an engine, `ready` says why.
  // `heard` is called for each request of a client.
  constructor(parts, heard) {
    this.parts = parts
    this.heard = heard
    this.born = performance.now()
    this.http = createServer((request, response) => this.#serve(request, response))
    this.http.keepAliveTimeout = 0 // the client keeps its connections; a race at their end would be an error of its
  }

  // On loopback only, as the client asks for it at "localhost".
  listen(port) {
    return new Promise((resolve, reject) => this.http.once('error', reject).listen(port, '127.0.0.1', resolve))
  }

  async #serve(request, response) {
    let code = 200
    let told
    try {
      told = foreign(request) ? ((code = 403), '{}') : await this.#route(request)
    } catch (error) {
      if (error instanceof BadRequest) code = 422
      told = failed(error)
    }
    const body = Buffer.from(told)
    response.writeHead(code, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
  }

  async #route(request) {
    this.heard()
    const { pathname, searchParams } = new URL(request.url, 'http://localhost')
    if (pathname === '/status') return this.#status()
    const parts = await this.parts
    if (!parts.engine) await parts.ready()
    const { engine, adapter, metrics } = parts
    const recall = (id) => adapter.recall(id)
    const body = await text(request)
    if (pathname === '/metrics') return counted(metrics, searchParams.get('format'), body)
    if (pathname === '/transaction/start') return JSON.stringify(await transactions.start(engine, body, recall))
    const [, id, verb] = /^\/transaction\/([^/]+)\/(commit|rollback)$/.exec(pathname) ?? []
    if (id) return JSON.stringify(await transactions.end(engine, verb, id, recall))
    if (pathname === '/') return metrics.measure(() => query(parts, body, request.headers['x-transaction-id']))
    throw new BadRequest(`there is no ${pathname}`)
  }

  async #status() {
    const held = performance.now() - this.born < HELD_AT_START * 1000 ? HELD_AT_START : HELD
    const late = () => new PrismaFailure('P1001', 'Still connecting to the database.')
    await within(held, this.parts.then(({ ready }) => ready()), late)
    return '{"status":"ok"}'
  }
}

function counted(metrics, format, body) {
  const labels = body ? JSON.parse(body) : {}
  return format === 'prometheus' ? metrics.asPrometheus(labels) : JSON.stringify(metrics.asJson(labels))
}

async function query({ engine, adapter, models }, body, transaction) {
  const { query: single, batch, transaction: together } = JSON.parse(body)
  const queries = batch ? batch.map((one) => translate(one.query, models)) : [translate(single, models)]
  const texts = queries.map(([translated]) => translated)
  const request = batch ? `{"batch":[${texts.join()}]${together ? ',"transaction":{}' : ''}}` : texts[0]
  const told = await engine.query(request, '{}', transaction)
  const roots = queries.map(([, root]) => root)
  return answer(told, roots, (id) => adapter.recall(id))
}

// A page in a browser may send requests to any local port; it always says where it is from.
function foreign({ headers }) {
  return headers.origin !== undefined || !/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(headers.host ?? '')
}

function failed(error) {
  if (error instanceof PrismaFailure) return JSON.stringify({ errors: [error.asError()] })
  const message = error instanceof BadRequest ? `The query could not be read: ${error.message}.` : String(error?.message ?? error)
  const told = { is_panic: !(error instanceof BadRequest), message, meta: {} }
  return JSON.stringify({ errors: [{ error: message, user_facing_error: told }] })
}
