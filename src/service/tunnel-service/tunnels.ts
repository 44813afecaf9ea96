// The tunnels that this service holds: a record that administrators see, and a hub through which calls go.

import {isTunnelId} from '../../foundation/platform/index.ts'
import type {Keyring, OwnKeys} from './access-keys.ts'
import {ApiError} from './api-error.ts'
import {type HubOptions, TunnelHub} from './hub/tunnel-hub.ts'
import {newTunnelId} from './ids.ts'

/** A tunnel as the management API shows it. */
export interface TunnelRecord {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly creator: string
  readonly tenant_ids: readonly string[]
  readonly workspace_ids: readonly string[]
  readonly organization_ids: readonly string[]
}

/** A tunnel with the names of the keys that open it. Right after they were made, with its own keys. */
export type ShownTunnel = TunnelRecord & {readonly keys: readonly string[]} & Partial<OwnKeys>

/** What may be set or changed. */
export type TunnelFields = Partial<Omit<TunnelRecord, 'id' | 'creator'>>

/** Kinds of principals that tunnels are listed by. */
export type PrincipalKind = 'organization_ids' | 'workspace_ids' | 'tenant_ids'

/** One tunnel. */
export interface Tunnel {
  readonly record: TunnelRecord
  readonly hub: TunnelHub
}

/** What {@link Tunnels} needs. */
export interface TunnelsOptions {
  readonly hub: Omit<HubOptions, 'onShared'>
  /** Told when several daemons share a tunnel. */
  readonly onShared: (shared: {readonly tunnelId: string; readonly daemons: number}) => void
  readonly records: readonly TunnelRecord[]
  readonly keys: Keyring
  /** Name of the key that opens new tunnels which get none of their own; null: none does. */
  readonly sharedKey: string | null
  /** Called with all records after each change; when it rejects, so does the change, though it holds until a restart. */
  readonly save: (records: readonly TunnelRecord[]) => Promise<void>
}

/** All tunnels of a service. */
export class Tunnels {
  readonly #options: TunnelsOptions
  readonly #tunnels = new Map<string, Tunnel>()
  #saving: Promise<void> = Promise.resolve()

  constructor(options: TunnelsOptions) {
    this.#options = options
    for (const record of options.records) this.#put(record)
  }

  /** Throws {@link ApiError} 400 for what is no tunnel id and 404 for one that is not here. */
  require(id: string): Tunnel {
    const tunnel = this.#tunnels.get(id)
    if (tunnel) return tunnel
    if (!isTunnelId(id)) {
      throw new ApiError('invalid_tunnel_id_format', 'a tunnel id is tunnel_ and 32 lower-case letters or digits', {
        param: 'tunnel_id',
      })
    }
    throw new ApiError('tunnel_not_found', `no tunnel ${id} here`, {param: 'tunnel_id'})
  }

  get(id: string): Tunnel | undefined {
    return this.#tunnels.get(id)
  }

  /** The tunnels of one principal, in the order of their creation. */
  list(kind: PrincipalKind, principal: string): ShownTunnel[] {
    return [...this.#tunnels.values()]
      .filter(({record}) => record[kind].includes(principal))
      .map(({record}) => this.shown(record))
  }

  shown(record: TunnelRecord, own: Partial<OwnKeys> = {}): ShownTunnel {
    return {...record, keys: this.#options.keys.namesFor(record.id), ...own}
  }

  /** True when another tunnel than `id` holds that call. */
  holdsElsewhere(id: string, requestId: string): boolean {
    for (const {record, hub} of this.#tunnels.values()) if (record.id !== id && hub.has(requestId)) return true
    return false
  }

  /** `ownKeys`: only keys that are made now open it, beside those that open every tunnel. */
  async create(fields: Required<TunnelFields>, ownKeys: boolean): Promise<ShownTunnel> {
    const {keys, sharedKey} = this.#options
    const record: TunnelRecord = {id: newTunnelId(), creator: 'local', ...fields}
    let own = {}
    await this.#change(() => {
      if (ownKeys) own = keys.mint(record.id)
      else if (sharedKey !== null) keys.bind(sharedKey, record.id)
      this.#put(record)
    })
    return this.shown(record, own)
  }

  /** `ownKeys`: new keys are made for it, and others that are bound to tunnels open it no more. */
  async update(id: string, fields: TunnelFields, ownKeys: boolean): Promise<ShownTunnel> {
    const {record, hub} = this.require(id)
    const changed = {...record, ...fields}
    let own = {}
    await this.#change(() => {
      if (ownKeys) own = this.#options.keys.mint(id)
      this.#tunnels.set(id, {record: changed, hub})
    })
    return this.shown(changed, own)
  }

  async delete(id: string): Promise<ShownTunnel> {
    const {record, hub} = this.require(id)
    const shown = this.shown(record)
    await this.#change(() => {
      this.#tunnels.delete(id)
      this.#options.keys.forget(id)
    })
    hub.close(new ApiError('tunnel_not_found', `tunnel ${id} was deleted`, {param: 'tunnel_id'}))
    return shown
  }

  /** Refuses everything that waits in any tunnel. */
  close(error: ApiError): void {
    for (const {hub} of this.#tunnels.values()) hub.close(error)
  }

  #put(record: TunnelRecord): void {
    const {hub, onShared} = this.#options
    const told = (daemons: number): void => onShared({tunnelId: record.id, daemons})
    this.#tunnels.set(record.id, {record, hub: new TunnelHub({...hub, onShared: told})})
  }

  /** Changes are written one after the other, each with everything that came before it. */
  #change(apply: () => void): Promise<void> {
    apply()
    this.#saving = this.#saving.then(() => this.#options.save([...this.#tunnels.values()].map(({record}) => record)))
    const saved = this.#saving
    this.#saving = saved.catch(() => {})
    return saved
  }
}
