// Who may do what, and with which tunnels: keys with scopes, compared in constant time.

import {hash, randomBytes, timingSafeEqual} from 'node:crypto'
import type {IncomingMessage} from 'node:http'
import {ApiError} from './api-error.ts'
import {newKey} from './ids.ts'
import type {AccessKey, Scope} from './options.ts'

/** Keys that were made for one tunnel alone. Shown once. */
export interface OwnKeys {
  readonly runtime_key: string
  readonly ingress_token: string
}

interface Known {
  readonly key: AccessKey
  readonly digest: Buffer
}

/** All keys of a service. Digests with a random pepper of this run are compared, so timing tells nothing about a key. */
export class Keyring {
  readonly #pepper = randomBytes(32).toString('hex')
  #known: readonly Known[]

  constructor(keys: readonly AccessKey[]) {
    this.#known = keys.map((key) => this.#digested(key))
  }

  /** For the state file. */
  get all(): AccessKey[] {
    return this.#known.map(({key}) => key)
  }

  /** The key of the `Authorization` header. Throws {@link ApiError} 401 without a known key, 403 when it lacks `scope`. */
  require({headers: {authorization}}: IncomingMessage, scope: Scope): AccessKey {
    const token = bearerOf(authorization)
    if (token === null) throw new ApiError('invalid_api_key', 'send a key as Authorization: Bearer …')
    const key = this.#find(token)
    if (key === null) throw new ApiError('invalid_api_key', 'this service does not know the key that was sent')
    if (!key.scopes.includes(scope)) throw lacking(scope)
    return key
  }

  /** True when callers of this tunnel must send a key with the scope `call`. */
  guardsCalls(tunnelId: string): boolean {
    return this.#known.some(({key}) => key.scopes.includes('call') && opens(key, tunnelId))
  }

  /** True when `token` is a key with the scope `call` for this tunnel. */
  allowsCall(token: string, tunnelId: string): boolean {
    const key = this.#find(token)
    return key?.scopes.includes('call') === true && opens(key, tunnelId)
  }

  /** Names of the keys that daemons and callers of this tunnel may use. */
  namesFor(tunnelId: string): string[] {
    return this.#known
      .filter(({key}) => opens(key, tunnelId) && (key.scopes.includes('use') || key.scopes.includes('call')))
      .map(({key}) => key.name)
  }

  /** Lets the key `name` open this tunnel, too. A key that opens every tunnel stays as it is. */
  bind(name: string, tunnelId: string): void {
    this.#change((key) => {
      if (key.name !== name || key.tunnels == null || key.tunnels.includes(tunnelId)) return key
      return {...key, tunnels: [...key.tunnels, tunnelId]}
    })
  }

  /** Makes keys that open this tunnel alone. Keys that are bound to tunnels open it no more. */
  mint(tunnelId: string): OwnKeys {
    this.forget(tunnelId)
    const runtime = {
      name: `runtime ${tunnelId}`,
      value: newKey('runtime'),
      scopes: ['read', 'use'],
      tunnels: [tunnelId],
    }
    const ingress = {name: `ingress ${tunnelId}`, value: newKey('ingress'), scopes: ['call'], tunnels: [tunnelId]}
    this.#known = [...this.#known, this.#digested(runtime as AccessKey), this.#digested(ingress as AccessKey)]
    return {runtime_key: runtime.value.reveal(), ingress_token: ingress.value.reveal()}
  }

  /** The tunnel is gone: no key is bound to it. Keys of this tunnel alone are removed. */
  forget(tunnelId: string): void {
    this.#known = this.#known.filter(({key}) => !(key.tunnels?.length === 1 && key.name.endsWith(` ${tunnelId}`)))
    this.#change((key) =>
      key.tunnels?.includes(tunnelId) ? {...key, tunnels: key.tunnels.filter((id) => id !== tunnelId)} : key,
    )
  }

  #change(by: (key: AccessKey) => AccessKey): void {
    this.#known = this.#known.map(({key, digest}) => ({key: by(key), digest}))
  }

  #find(token: string): AccessKey | null {
    const asked = this.#digest(token)
    let found: AccessKey | null = null
    for (const {key, digest} of this.#known) if (timingSafeEqual(digest, asked)) found = key
    return found
  }

  #digested(key: AccessKey): Known {
    return {key, digest: this.#digest(key.value.reveal())}
  }

  #digest(text: string): Buffer {
    return hash('sha256', this.#pepper + text, 'buffer')
  }
}

/** Throws {@link ApiError} 403 when `key` is bound to other tunnels. `tunnelId` null: what concerns the whole service. */
export function assertOpens(key: AccessKey, scope: Scope, tunnelId: string | null): void {
  if (!opens(key, tunnelId)) throw bound(scope)
}

/** A key without a list opens every tunnel, and what concerns the whole service. */
function opens({tunnels}: AccessKey, tunnelId: string | null): boolean {
  return tunnels == null || (tunnelId !== null && tunnels.includes(tunnelId))
}

function lacking(scope: Scope): ApiError {
  return scope === 'manage'
    ? new ApiError('tunnel_management_permission_required', 'the key may not manage tunnels: it lacks Manage')
    : new ApiError(
        'tunnel_use_forbidden',
        `the key may not use this tunnel: it lacks ${scope === 'use' ? 'Use' : 'Read'}`,
      )
}

function bound(scope: Scope): ApiError {
  return scope === 'manage'
    ? new ApiError('tunnel_management_permission_required', 'the key may not manage this: it is bound to other tunnels')
    : new ApiError('tunnel_use_forbidden', 'the key may not use this tunnel: it is bound to other tunnels')
}

function bearerOf(header: string | undefined): string | null {
  const match = header === undefined ? null : /^bearer +(\S+) *$/i.exec(header)
  return match?.[1] ?? null
}
