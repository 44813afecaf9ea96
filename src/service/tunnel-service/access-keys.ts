// Who may do what: bearer keys with scopes, compared in constant time.

import {hash, randomBytes, timingSafeEqual} from 'node:crypto'
import type {IncomingMessage} from 'node:http'
import {ApiError} from './api-error.ts'
import type {AccessKey, Scope} from './options.ts'

/** Checks `Authorization` headers. */
export interface Keyring {
  /** Throws {@link ApiError} 401 without a known key, 403 when the key lacks `scope`. */
  require(request: IncomingMessage, scope: Scope): void
}

/** A keyring over `keys`. Digests with a random key of this run are compared, so timing tells nothing about a key. */
export function createKeyring(keys: readonly AccessKey[]): Keyring {
  const pepper = randomBytes(32).toString('hex')
  const digest = (text: string): Buffer => hash('sha256', pepper + text, 'buffer')
  const known = keys.map((key) => ({digest: digest(key.value.reveal()), scopes: new Set(key.scopes)}))
  return {
    require: ({headers: {authorization}}, scope) => {
      const token = bearerOf(authorization)
      if (token === null) throw new ApiError('invalid_api_key', 'send a key as Authorization: Bearer …')
      const asked = digest(token)
      let scopes: ReadonlySet<Scope> | null = null
      for (const key of known) if (timingSafeEqual(key.digest, asked)) scopes = key.scopes
      if (scopes === null) throw new ApiError('invalid_api_key', 'this service does not know the key that was sent')
      if (!scopes.has(scope)) throw lacking(scope)
    },
  }
}

function lacking(scope: Scope): ApiError {
  return scope === 'manage'
    ? new ApiError('tunnel_management_permission_required', 'the key may not manage tunnels: it lacks Manage')
    : new ApiError(
        'tunnel_use_forbidden',
        `the key may not use this tunnel: it lacks ${scope === 'use' ? 'Use' : 'Read'}`,
      )
}

function bearerOf(header: string | undefined): string | null {
  const match = header === undefined ? null : /^bearer +(\S+) *$/i.exec(header)
  return match?.[1] ?? null
}
