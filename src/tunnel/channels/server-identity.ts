// Who a server says it is, from the result of a handshake of either era. For people; nothing depends on it.

import type {ServerIdentity} from './channel.ts'

/** Where the 2026-07-28 revision keeps it. */
const IN_META = 'io.modelcontextprotocol/serverInfo'

/** Reads a parsed result. `protocolVersion` is used when the result names none. */
export function identityOf(result: Record<string, unknown>, protocolVersion: string): ServerIdentity {
  const info = asRecord(asRecord(result._meta)?.[IN_META]) ?? asRecord(result.serverInfo)
  return {
    name: asText(info?.name),
    version: asText(info?.version),
    protocolVersion: asText(result.protocolVersion) || protocolVersion,
  }
}

/** Reads the bytes of a whole response; null when it holds no result, or garbage. */
export function serverIdentity(response: Buffer): ServerIdentity | null {
  try {
    const result = asRecord(asRecord(JSON.parse(response.toString('utf8')))?.result)
    return result === null ? null : identityOf(result, '')
  } catch {
    return null
  }
}

/** The value when it is an object, else null. */
export const asRecord = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null

/** The value when it is a string, else an empty one. */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : '')
