// Turns the two health settings into a place to listen, and the bound listener into the URL that others are told.

import {isIP} from 'node:net'
import {isTunnelError, messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
  type ListenTarget,
  parseListenAddr,
} from '../../../foundation/platform/index.ts'
import type {OpsAddress} from '../ports.ts'
import {portHolder} from './port-holder.ts'
import {freeSocketPath} from './unix-socket.ts'

/** Where the operator wants the surface. A socket wins over the address. */
export interface OpsListen {
  /** `host:port`; an empty host means every address. */
  readonly listenAddr: string
  readonly unixSocket: string | null
}

/** Binds. Rejects with `TC-DAEMON-START`, which says who is in the way when that can be known. */
export async function listenOps(
  listen: OpsListen,
  options: Omit<HttpServerOptions, 'listen'>,
): Promise<{readonly server: HttpServer; readonly address: OpsAddress}> {
  if (listen.unixSocket !== null) {
    await freeSocketPath(listen.unixSocket)
    const server = await serve({unixSocket: listen.unixSocket}, options)
    const url = `http+unix://${Buffer.from(listen.unixSocket).toString('base64url')}`
    return {server, address: {url, listenAddr: listen.unixSocket, kind: 'unix'}}
  }
  const wanted = parseListenAddr(listen.listenAddr)
  if (wanted === null) {
    throw new TunnelError(
      'TC-DAEMON-START',
      `health.listen-addr ${JSON.stringify(listen.listenAddr)} is not host:port`,
      {
        next: ['Write for example 127.0.0.1:8080'],
      },
    )
  }
  const {host, port} = wanted
  const server = await serve({host, port}, options)
  const bound = server.address as Extract<HttpServer['address'], {kind: 'tcp'}>
  return {
    server,
    address: {
      url: `http://${bracketed(reachableHost(host, bound.host))}:${bound.port}`,
      listenAddr: `${bracketed(bound.host)}:${bound.port}`,
      kind: 'tcp',
    },
  }
}

async function serve(target: ListenTarget, options: Omit<HttpServerOptions, 'listen'>): Promise<HttpServer> {
  try {
    return await createHttpServer({...options, listen: target})
  } catch (thrown) {
    const {cause} = thrown as Error
    if ((cause as NodeJS.ErrnoException | undefined)?.code !== 'EADDRINUSE' || !('port' in target)) {
      const next = isTunnelError(thrown) ? {next: thrown.next} : {}
      throw new TunnelError('TC-DAEMON-START', messageOf(thrown), {...next, cause: thrown})
    }
    const holder = await portHolder(target.port)
    const by = holder === null ? '' : ` by ${holder}`
    const message = `listen tcp ${bracketed(target.host)}:${target.port}: bind: address already in use${by}`
    throw new TunnelError('TC-DAEMON-START', message, {
      next: ['Stop that process, or choose another --health.listen-addr (127.0.0.1:0 takes a free port)'],
      cause: thrown,
    })
  }
}

const isUnspecified = (host: string): boolean => host === '' || host === '0.0.0.0' || /^[0:]+$/.test(host)

/** The configured host, else the bound address, else localhost: what another program on this host can dial. */
function reachableHost(configured: string, bound: string): string {
  if (!isUnspecified(configured)) return configured
  return isUnspecified(bound) ? 'localhost' : bound
}

const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host)
