// The header X-Tunnel-MCP-Server-Info: which channels are here, and which are bound to this very process.

import {normalizeChannel} from './channel-name.ts'

/** One channel of the header. */
export interface ServerInfoChannel {
  readonly name: string
  readonly processAffinity: boolean
}

const MOST_CHANNELS = 32
const MOST_BYTES = 4096

/** Compact JSON in the reference's order. Throws RangeError when the shape is one that the service would refuse. */
export function encodeServerInfo(channels: readonly ServerInfoChannel[]): string {
  if (channels.length < 1 || channels.length > MOST_CHANNELS) {
    throw new RangeError(`between 1 and ${MOST_CHANNELS} channels can be declared, not ${channels.length}`)
  }
  const seen = new Set<string>()
  for (const {name} of channels) {
    if (normalizeChannel(name) !== name) throw new RangeError(`"${name}" is no canonical channel name`)
    if (seen.has(name)) throw new RangeError(`channel "${name}" is declared twice`)
    seen.add(name)
  }
  const list = channels.map(({name, processAffinity}) => (processAffinity ? {name, proc_affinity: true} : {name}))
  const text = JSON.stringify({version: 1, channels: list})
  if (text.length > MOST_BYTES) throw new RangeError(`the declaration of channels is longer than ${MOST_BYTES} bytes`)
  return text
}
