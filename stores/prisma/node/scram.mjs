// PostgreSQL on a server of ours: both sides prove the password with SCRAM, or nothing is sent.
//
// Without this node-pg answers whatever a server asks for. A stranger on the port would get the password in clear, or,
// by asking for none, the queries. libpq has `require_auth` for it.

import { Failure } from './failures.mjs'

// `Client` (pg.Client or a class of it), refusing every other kind of authentication.
export function scramOnly(Client) {
  return class extends Client {
    _handleAuthCleartextPassword() {
      this.#refuse()
    }

    _handleAuthMD5Password() {
      this.#refuse()
    }

    async connect() {
      let proven = false
      // node-pg checks the signature in it, and fails where it is wrong.
      this.connection.once('authenticationSASLFinal', () => (proven = true))
      await super.connect()
      if (proven) return
      this.connection.stream.destroy()
      throw refusal()
    }

    #refuse() {
      this.connection.stream.destroy()
      this.connection.emit('error', refusal())
    }
  }
}

// `Client`, refusing to send the password unencrypted; every other kind is left as it is.
export function neverInClear(Client) {
  return class extends Client {
    _handleAuthCleartextPassword() {
      this.connection.stream.destroy()
      this.connection.emit('error', new Failure('clear_text', 'the server asks for the password unencrypted'))
    }
  }
}

function refusal() {
  return new Failure('not_ours', 'another program answers on the port of the local PostgreSQL')
}
