// What TypeScript would have said, for those who do not use it: wrong names and wrong types are refused before anything
// happens. Values are judged at the start, by the same rules as the configuration of the command line.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {nearest} from '../../../foundation/platform/index.ts'
import type {McpTarget, TunnelClientSettings} from '../options.ts'

type Kind = 'text' | 'secret' | 'url' | 'number' | 'object' | 'target' | 'targets' | 'secrets' | 'any'

/** Every option and its kind. The type makes it complete. */
const KINDS: Readonly<Record<keyof TunnelClientSettings, Kind>> = {
  tunnelId: 'text',
  apiKey: 'secret',
  mcp: 'target',
  channels: 'targets',
  baseUrl: 'url',
  urlPath: 'text',
  organizationId: 'text',
  headers: 'secrets',
  mcpHeaders: 'secrets',
  caBundle: 'text',
  clientCertificate: 'object',
  maxInFlight: 'number',
  maxConcurrentRequests: 'number',
  callTimeout: 'number',
  pollTimeout: 'number',
  drainTimeout: 'number',
  health: 'object',
  env: 'object',
  logger: 'object',
  logLevel: 'text',
  signal: 'any',
}

/** Throws `TC-SDK-OPTIONS`. */
export function checkOptions(options: unknown): asserts options is TunnelClientSettings {
  if (!isObject(options)) throw wrong('the options have to be an object')
  for (const [name, value] of Object.entries(options)) {
    const kind = (KINDS as Record<string, Kind>)[name]
    if (kind === undefined) throw unknown(name, Object.keys(KINDS))
    if (value !== undefined) check(kind, name, value)
  }
  const given = options as TunnelClientSettings
  if (given.env !== undefined) return
  for (const name of ['tunnelId', 'apiKey', 'mcp'] as const) {
    if (given[name] === undefined) throw wrong(`${name} is missing, and no env is given to read it from`)
  }
}

function check(kind: Kind, name: string, value: unknown): void {
  const fail = (what: string): never => {
    throw wrong(`${name} has to be ${what}`)
  }
  switch (kind) {
    case 'text':
      if (typeof value !== 'string') fail('a string')
      break
    case 'secret':
      if (typeof value !== 'string' && typeof value !== 'function') fail('a string or a function')
      break
    case 'url':
      if (typeof value !== 'string' && !(value instanceof URL)) fail('a string or a URL')
      break
    case 'number':
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) fail('a whole number, not negative')
      break
    case 'object':
      if (!isObject(value)) fail('an object')
      break
    case 'secrets':
      if (!isObject(value)) fail('an object')
      for (const [header, one] of Object.entries(value as object)) check('secret', `${name}[${quoted(header)}]`, one)
      break
    case 'target':
      checkTarget(name, value)
      break
    case 'targets':
      if (!isObject(value)) fail('an object')
      for (const [channel, one] of Object.entries(value as object)) {
        checkTarget(`${name}[${quoted(channel)}]`, one)
        if (channel === 'main') throw wrong(`${name} holds further channels; give the server of main as mcp`)
      }
      break
    case 'any':
  }
}

const TARGETS = ['server', 'connect', 'url', 'command'] as const

function checkTarget(name: string, value: unknown): asserts value is McpTarget {
  const list = TARGETS.join(', ')
  if (!isObject(value)) throw wrong(`${name} has to be an object with one of ${list}`)
  const target: Record<string, unknown> = value
  const kinds = TARGETS.filter((kind) => target[kind] !== undefined)
  // The server itself, given where an object that holds it is wanted.
  if (typeof target.connect === 'function' && typeof target.close === 'function') {
    throw wrong(`${name} is a server itself; write ${name}: {server: …}`)
  }
  if (kinds.length !== 1) throw wrong(`${name} needs exactly one of ${list}`)
  const allowed = {server: [], connect: [], url: ['unixSocket'], command: ['args']}[kinds[0]!] as string[]
  for (const key of Object.keys(target)) {
    if (key !== kinds[0] && !allowed.includes(key)) throw unknown(`${name}.${key}`, [...TARGETS, ...allowed])
  }
  const {server, connect, url, unixSocket, command, args} = target
  if (server !== undefined && typeof server !== 'function' && !isServer(server)) {
    throw wrong(`${name}.server has to be a server with connect(), or a function that makes one`)
  }
  if (connect !== undefined && typeof connect !== 'function') throw wrong(`${name}.connect has to be a function`)
  if (url !== undefined) check('url', `${name}.url`, url)
  if (unixSocket !== undefined) check('text', `${name}.unixSocket`, unixSocket)
  if (command !== undefined) check('text', `${name}.command`, command)
  if (args !== undefined && !(Array.isArray(args) && args.every((arg) => typeof arg === 'string'))) {
    throw wrong(`${name}.args has to be a list of strings`)
  }
}

const isServer = (value: unknown): boolean => isObject(value) && typeof value.connect === 'function'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const quoted = (text: string): string => JSON.stringify(text)

function unknown(name: string, known: readonly string[]): TunnelError {
  const near = nearest(name.split('.').at(-1)!, known)
  return wrong(`there is no option ${name}${near === null ? '' : `; did you mean ${near}?`}`)
}

const wrong = (message: string): TunnelError => new TunnelError('TC-SDK-OPTIONS', message)
