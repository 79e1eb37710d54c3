// Whether the client still lives. It may be killed at any moment, also before this process has begun.
//
// The launcher hands over its own parent, so a client that dies while Node starts is noticed at once, and a later death
// by the change of parent. A client that was dead before the launcher began left a stranger as the parent, which never
// changes; but then nobody asks for the status, as every client does ten times a second until the answer comes.

import { readFileSync } from 'node:fs'

const LOOK = 500 // milliseconds between two looks at the parent
const FIRST_WORD = 30_000 // milliseconds for the first request; a client may be busy with its own start
const FIRST_WORD_OF_A_STRANGER = 3_000 // where the parent does not look like a client

export class ClientWatch {
  #parent
  #end = () => process.exit(0)
  #ended = false
  #deadline

  // `parent` is the launcher's.
  constructor(parent) {
    this.#parent = parent || process.ppid
    setInterval(() => this.#look(), LOOK).unref()
    this.#look()
  }

  // `end` is called once the client is gone; before there is any, the process just ends.
  whenGone(end) {
    this.#end = end
  }

  // From now on a client can ask.
  expect() {
    const patience = looksLikeAClient(this.#parent) ? FIRST_WORD : FIRST_WORD_OF_A_STRANGER
    this.#deadline = setTimeout(() => this.#leave(), patience).unref()
  }

  // It asked, so it lives, and the parent is the client.
  heard() {
    clearTimeout(this.#deadline)
  }

  #look() {
    if (process.ppid !== this.#parent) this.#leave()
  }

  #leave() {
    if (this.#ended) return
    this.#ended = true
    this.#end()
  }
}

// A client starts its engine in its own process group; whoever adopts an orphan (init, a service manager) has another.
function looksLikeAClient(parent) {
  if (parent === 1) return false
  const [theirs, ours] = [processGroup(parent), processGroup('self')]
  return theirs === undefined || ours === undefined || theirs === ours
}

// Undefined where there is no /proc.
function processGroup(process) {
  try {
    const status = readFileSync(`/proc/${process}/stat`, 'utf8')
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[2] // behind the name: state, parent, group
  } catch {
    return undefined
  }
}
