// The tunnel service inside a program, mostly a test: plain texts for keys, nothing to clean up but `close()`.

import type {TunnelService as Room} from '../../../service/tunnel-service/index.ts'
import type {TunnelServiceOptions} from '../options.ts'
import type {TunnelFigures, TunnelService} from '../types.ts'

/** Starts a service. Rejects with `TC-SERVICE-OPTIONS`, `TC-SERVICE-STATE` or `TC-LISTEN`. */
export async function createTunnelService(options: TunnelServiceOptions = {}): Promise<TunnelService> {
  const {openService} = await import('./open-service.ts')
  return new EmbeddedService(await openService(options))
}

/** Keys are getters of the class: whoever prints or serialises a service does not print keys. */
class EmbeddedService implements TunnelService {
  readonly tunnelId: string
  readonly baseUrl: string
  readonly mcpUrl: string
  readonly #room: Room

  constructor(room: Room) {
    this.#room = room
    this.tunnelId = room.tunnelId
    this.baseUrl = room.controlPlaneBaseUrl
    this.mcpUrl = room.mcpUrl
  }

  get apiKey(): string {
    return this.#room.runtimeKey.reveal()
  }

  get adminKey(): string {
    return this.#room.adminKey.reveal()
  }

  clientOptions(): {tunnelId: string; apiKey: string; baseUrl: string} {
    return {tunnelId: this.tunnelId, apiKey: this.apiKey, baseUrl: this.baseUrl}
  }

  figures(): TunnelFigures {
    const {queued = 0, inFlight = 0, parkedPolls = 0} = this.#room.snapshot() ?? {}
    return {queued, inFlight, parkedPolls}
  }

  close(): Promise<void> {
    return this.#room.close()
  }
}
