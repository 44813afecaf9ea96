// What the flags of `dev tunnel-service` mean together. All reading of files and variables happens here, before anything
// listens.

import {readFile} from 'node:fs/promises'
import {homePath} from '../../../foundation/config/index.ts'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {
  decodeText,
  fileProblem,
  type ListenTarget,
  parseDuration,
  parseListenAddr,
  Secret,
  type ServerTls,
  SOCKET_PATH_NEXT,
  socketPathProblem,
} from '../../../foundation/platform/index.ts'
import type {TunnelServiceOptions} from '../options.ts'

/** The flags as they were given; undefined: not given. */
export interface ServeFlags {
  readonly listen: string | undefined
  readonly listenUnixSocket: string | undefined
  readonly ingressListen: string | undefined
  readonly ingressUnixSocket: string | undefined
  readonly tlsCert: string | undefined
  readonly tlsKey: string | undefined
  readonly tlsClientCa: string | undefined
  readonly tunnelId: string | undefined
  readonly state: string | undefined
  /** `env:NAME` or `file:PATH`. */
  readonly ingressToken: string | undefined
  readonly responseTimeout: string
  readonly clientLastSeenTimeout: string
}

/** Variables that references may name. */
export type Env = Readonly<Record<string, string | undefined>>

/** Reads the flags. Rejects with `TC-CLI-USAGE` or `TC-SERVICE-OPTIONS`. */
export async function readServeFlags(flags: ServeFlags, env: Env): Promise<TunnelServiceOptions> {
  const tls = await tlsOf(flags)
  const control = listenTarget('listen', flags.listen, flags.listenUnixSocket)
  const ingress = listenTarget('ingress-listen', flags.ingressListen, flags.ingressUnixSocket)
  const ingressToken = flags.ingressToken === undefined ? undefined : await secretOf(flags.ingressToken, env)
  return {
    control: tls ? {...control, tls} : control,
    ingress,
    responseTimeoutMs: milliseconds('response-timeout', flags.responseTimeout),
    clientLastSeenMs: milliseconds('client-last-seen-timeout', flags.clientLastSeenTimeout),
    ...(flags.tunnelId === undefined ? {} : {tunnelId: flags.tunnelId}),
    ...(flags.state === undefined ? {} : {stateFile: flags.state}),
    ...(ingressToken === undefined ? {} : {ingressToken}),
  }
}

const usage = (message: string, next: string): TunnelError => new TunnelError('TC-CLI-USAGE', message, {next: [next]})

function listenTarget(flag: string, address: string | undefined, socket: string | undefined): ListenTarget {
  if (socket !== undefined) {
    const other = flag.replace(/listen$/, flag === 'listen' ? 'listen-unix-socket' : 'unix-socket')
    if (address !== undefined) throw usage(`--${flag} and --${other} are mutually exclusive`, 'Leave out one of them')
    const tooLong = socketPathProblem(socket)
    if (tooLong !== null) throw usage(`--${other} ${JSON.stringify(socket)} ${tooLong}`, SOCKET_PATH_NEXT)
    return {unixSocket: socket}
  }
  const parsed = parseListenAddr(address ?? '127.0.0.1:0')
  if (parsed) return parsed
  throw usage(`--${flag} ${JSON.stringify(address)} is not host:port`, 'Write 127.0.0.1:0')
}

function milliseconds(flag: string, text: string): number {
  const parsed = parseDuration(text)
  if (!parsed.ok) throw usage(`--${flag}: ${parsed.problem}`, 'Write 30s, 2m or 0')
  if (parsed.ms < 0) throw usage(`--${flag} ${text} is negative`, 'Write 30s, 2m or 0')
  return parsed.ms
}

async function tlsOf({tlsCert, tlsKey, tlsClientCa, listenUnixSocket}: ServeFlags): Promise<ServerTls | null> {
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return null
  if (tlsCert === undefined || tlsKey === undefined) {
    throw usage('TLS needs --tls-cert and --tls-key', 'Give both, as paths of PEM files')
  }
  if (listenUnixSocket !== undefined) throw usage('TLS is for TCP only', 'Leave out --listen-unix-socket')
  const [cert, key] = await Promise.all([pem('tls-cert', tlsCert), pem('tls-key', tlsKey)])
  return tlsClientCa === undefined ? {cert, key} : {cert, key, clientCa: await pem('tls-client-ca', tlsClientCa)}
}

async function pem(flag: string, path: string): Promise<Buffer> {
  const data = await read(flag, path)
  if (!data.includes('-----BEGIN ')) throw usage(`--${flag} ${path} is no PEM file`, 'Give the path of a PEM file')
  return data
}

async function read(flag: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (thrown) {
    throw usage(`--${flag}: ${fileProblem(path, thrown)}`, 'Give the path of a file that this user may read')
  }
}

function tokenIn(path: string, data: Buffer): string {
  const content = decodeText(data)
  if (content.ok) return content.text
  throw usage(`--ingress-token: ${path}: ${content.problem}`, 'Write the token alone into the file')
}

/** Only references are taken: what stands on a command line can be read by every user of the machine. */
async function secretOf(reference: string, env: Env): Promise<Secret> {
  const next = 'Write --ingress-token env:NAME or --ingress-token file:PATH'
  const [, kind, rest = ''] = /^(env|file):(.+)$/s.exec(reference) ?? []
  if (kind === undefined) throw usage('--ingress-token takes a reference, not the token itself', next)
  const value = kind === 'env' ? env[rest] : tokenIn(rest, await read('ingress-token', homePath(rest, env)))
  const token = value?.trim() ?? ''
  if (token !== '') return new Secret(token)
  throw usage(
    kind === 'env' ? `--ingress-token: variable ${rest} is not set` : `--ingress-token: ${rest} is empty`,
    next,
  )
}
