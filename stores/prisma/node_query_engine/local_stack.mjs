// Whether an address is that of a local stack: those of stores/local, each with its state file.

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/

// By the port, or by the password: a stack that moved to another port left its old address behind.
export function isLocalStack({ host, port, password }, stacks) {
  if (!LOOPBACK.test(host)) return false
  return states(stacks).some(
    ({ postgres, former }) =>
      postgres?.port === port ||
      (password && (postgres?.password === password || former?.some(({ secrets }) => secrets.includes(password)))),
  )
}

function states(stacks) {
  try {
    return readdirSync(stacks).flatMap((project) => read(join(stacks, project, 'local', 'state.json')))
  } catch {
    return []
  }
}

function read(path) {
  try {
    return [JSON.parse(readFileSync(path, 'utf8'))]
  } catch {
    return [] // a project without a local stack
  }
}
