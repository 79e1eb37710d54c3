// The HTTP interface of Prisma's query engine, as its Python client uses it.

import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { answer } from './answer.mjs'
import { PrismaFailure } from './prisma_failures.mjs'
import { BadRequest, translate } from './request.mjs'
import * as transactions from './transactions.mjs'

const READY_WITHIN = 100 // milliseconds that a client's question for the status waits; it asks again by itself

export class Server {
  constructor({ engine, adapter, models, metrics, ready }) {
    Object.assign(this, { engine, models, metrics, ready })
    this.recall = (id) => adapter?.recall(id)
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
    const { pathname, searchParams } = new URL(request.url, 'http://localhost')
    if (pathname === '/status') return this.#status()
    if (!this.engine) await this.ready() // says why there is none
    const body = await text(request)
    if (pathname === '/metrics') return this.#metrics(searchParams.get('format'), body)
    if (pathname === '/transaction/start') return JSON.stringify(await transactions.start(this.engine, body, this.recall))
    const [, id, verb] = /^\/transaction\/([^/]+)\/(commit|rollback)$/.exec(pathname) ?? []
    if (id) return JSON.stringify(await transactions.end(this.engine, verb, id, this.recall))
    if (pathname === '/') return this.metrics.measure(() => this.#query(body, request.headers['x-transaction-id']))
    throw new BadRequest(`there is no ${pathname}`)
  }

  async #status() {
    let timer
    const late = new Promise((_, reject) => {
      const waiting = new PrismaFailure('P1001', 'Still connecting to the database.')
      timer = setTimeout(() => reject(waiting), READY_WITHIN)
    })
    await Promise.race([this.ready(), late]).finally(() => clearTimeout(timer))
    return '{"status":"ok"}'
  }

  #metrics(format, body) {
    const labels = body ? JSON.parse(body) : {}
    return format === 'prometheus' ? this.metrics.asPrometheus(labels) : JSON.stringify(this.metrics.asJson(labels))
  }

  async #query(body, transaction) {
    const { query, batch, transaction: together } = JSON.parse(body)
    const queries = batch ? batch.map((one) => translate(one.query, this.models)) : [translate(query, this.models)]
    const texts = queries.map(([translated]) => translated)
    const request = batch ? `{"batch":[${texts.join()}]${together ? ',"transaction":{}' : ''}}` : texts[0]
    const told = await this.engine.query(request, '{}', transaction)
    return answer(told, queries.map(([, root]) => root), this.recall)
  }
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
