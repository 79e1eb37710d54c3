// The connections of one engine: opened when they are needed, at most `connection_limit`, lent one borrower at a time.

import { within } from './deadline.mjs'
import { poolTimeout } from './prisma_failures.mjs'
import { openSession } from './session.mjs'

// Seconds. What was idle for longer than the first is asked whether it still answers before it is lent: a network that
// dropped it says nothing. What was idle for longer than the second is not asked. As the native engine's pool has it.
const IDLE_UNASKED = 15
const IDLE_AT_MOST = 300
const ANSWERS_WITHIN = 5

export class Pool {
  #idle = []
  #waiting = []
  #lent = new Set()
  #open = 0 // being opened ones included
  #closed = false

  constructor(settings, metrics, { unasked = IDLE_UNASKED } = {}) {
    this.settings = settings
    this.unasked = unasked
    this.metrics = metrics
    metrics.pool = this
  }

  get open() {
    return this.#open
  }

  get idle() {
    return this.#idle.length
  }

  get waiting() {
    return this.#waiting.length
  }

  // Borrow a session; P2024 where none is free within the pool's timeout, else why none could be opened.
  async borrow() {
    const started = performance.now()
    try {
      for (let session = this.#idle.pop(); session; session = this.#idle.pop()) {
        if (await this.#isAlive(session)) return this.#lend(session)
        this.#discard(session)
      }
      return this.#lend(await (this.#open < this.settings.connectionLimit ? this.#connect() : this.#wait()))
    } finally {
      this.metrics.waited(performance.now() - started)
    }
  }

  giveBack(session, { broken = false } = {}) {
    this.#lent.delete(session)
    if (broken || session.isGone) {
      this.#discard(session)
      return
    }
    const next = this.#waiting.shift()
    if (next) {
      next.take(session)
      return
    }
    session.idleSince = performance.now()
    this.#idle.push(session)
  }

  // What still runs is cancelled: nobody is there to read the answer.
  async end() {
    this.#closed = true
    this.#waiting.splice(0)
    await Promise.allSettled([...this.#lent].map((session) => session.cancelRunning()))
    await Promise.allSettled(this.#idle.splice(0).map((session) => session.end()))
  }

  get lent() {
    return this.#lent.size
  }

  #lend(session) {
    this.#lent.add(session)
    return session
  }

  async #isAlive(session) {
    const idle = (performance.now() - session.idleSince) / 1000
    if (idle < this.unasked) return true
    if (idle > IDLE_AT_MOST) return false
    const asked = within(ANSWERS_WITHIN, session.query('SELECT 1'), () => new Error('late'))
    return asked.then(
      () => true,
      () => false,
    )
  }

  async #connect() {
    this.#open += 1
    try {
      const session = await openSession(this.settings, (gone) => this.#gone(gone))
      this.metrics.opened()
      return session
    } catch (error) {
      this.#open -= 1
      this.#serveNext()
      throw error
    }
  }

  #wait() {
    return new Promise((resolve, reject) => {
      const { poolTimeout: seconds } = this.settings
      const place = { take: (session) => settle(() => resolve(session)), fail: (error) => settle(() => reject(error)) }
      const timer = seconds && setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(place), 1)
        reject(poolTimeout(this.settings))
      }, seconds * 1000)
      const settle = (done) => {
        clearTimeout(timer)
        done()
      }
      this.#waiting.push(place)
    })
  }

  // A place is free, and somebody may be waiting for it.
  #serveNext() {
    if (this.#closed || this.#waiting.length === 0 || this.#open >= this.settings.connectionLimit) return
    const next = this.#waiting.shift()
    this.#connect().then(next.take, next.fail)
  }

  #discard(session) {
    if (session.isDiscarded) return
    session.isDiscarded = true
    this.#open -= 1
    this.metrics.closed()
    session.end().catch(() => {}) // in the middle of a query it cuts the connection
    this.#serveNext()
  }

  // The server or the network ended it: an idle one is dropped at once, a lent one when it comes back.
  #gone(session) {
    session.isGone = true
    const place = this.#idle.indexOf(session)
    if (place < 0) return
    this.#idle.splice(place, 1)
    this.#discard(session)
  }
}

