// The client of the management API: one request over the HTTP door, one answer. It repeats nothing and follows nothing,
// because the key that it sends may create and delete tunnels.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {HttpFailureError, type HttpReply, systemClock} from '../../../foundation/platform/index.ts'
import {headerOf, withoutByteOrderMark} from '../../../foundation/wire/index.ts'
import {identityHeaders} from '../request-headers.ts'
import {readTunnel, readTunnelList} from './answers.ts'
import {TunnelRefusal} from './refusal.ts'
import {
  createRequest,
  deleteRequest,
  getRequest,
  listRequest,
  type ManagementRequest,
  updateRequest,
} from './requests.ts'
import type {TunnelAdmin, TunnelAdminCall, TunnelAdminOptions} from './types.ts'

const TIMEOUT_MS = 30_000
/** Shorter ones are ordinary words. */
const SHORTEST_SECRET = 6

/** A client. Nothing is opened before the first request. @throws TunnelError `TC-ADMIN-KEY` for a malformed key. */
export function createTunnelAdmin(options: TunnelAdminOptions): TunnelAdmin {
  const {baseUrl, urlPath, key, door, extraCa, identity, timeoutMs = TIMEOUT_MS} = options
  const secret = key.reveal()
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw new TunnelError('TC-ADMIN-KEY', 'the key holds characters that no key has', {
      next: ['Copy the key again, without quotes, blanks or line breaks'],
    })
  }
  const destination = door.destination({
    name: 'control_plane:admin',
    origin: baseUrl,
    ...(extraCa === undefined ? {} : {extraCa}),
  })

  /** The whole answer as text, with our key taken out: some servers repeat what they refuse. */
  const ask = async (
    request: ManagementRequest,
    {signal}: TunnelAdminCall = {},
  ): Promise<{body: string; requestId: string | null}> => {
    const sent = request.body === undefined ? {} : {body: Buffer.from(JSON.stringify(request.body))}
    const {status, headers, body} = await destination
      .fetch(
        {
          method: request.method,
          path: request.path,
          headers: [
            ...identityHeaders({apiKey: key, ...identity}),
            ...['Accept-Encoding', 'gzip'],
            ...(request.body === undefined ? [] : ['Content-Type', 'application/json']),
          ],
          deadline: systemClock.now() + timeoutMs,
          idempotent: request.method === 'GET',
          ...sent,
        },
        {decode: true, ...(signal === undefined ? {} : {signal})},
      )
      .then(withoutSecret, (thrown) => Promise.reject(unanswered(request, baseUrl, thrown)))
    if (status < 200 || status > 299)
      throw new TunnelRefusal(request, {status, headers, body, wallNow: systemClock.wall()})
    if (/^\s*text\/html/i.test(headerOf(headers, 'content-type') ?? '')) {
      const said = `request ${request.method} ${request.route}: a web page answered instead of the tunnel service`
      throw new TunnelError('TC-ADMIN-ANSWER', said, {details: {failure_class: 'captive_portal'}})
    }
    return {body: withoutByteOrderMark(body).toString('utf8'), requestId: headerOf(headers, 'x-request-id')}
  }

  const withoutSecret = (reply: HttpReply): HttpReply => {
    if (secret.length < SHORTEST_SECRET) return reply
    const clean = (text: string): string => text.replaceAll(secret, '[secret]')
    const headers = reply.headers.map(clean)
    if (!reply.body.includes(secret)) return {...reply, headers}
    return {...reply, headers, body: Buffer.from(clean(reply.body.toString('utf8')))}
  }

  const tunnel = async (request: ManagementRequest, call?: TunnelAdminCall) => {
    const {body, requestId} = await ask(request, call)
    return await readTunnel(body, requestId)
  }

  return {
    create: async (fields, call) => await tunnel(createRequest(urlPath, fields), call),
    get: async (id, call) => await tunnel(getRequest(urlPath, id), call),
    list: async (scope, call) => {
      const {body, requestId} = await ask(listRequest(urlPath, scope), call)
      return await readTunnelList(body, requestId)
    },
    update: async (id, change, call) => await tunnel(updateRequest(urlPath, id, change), call),
    delete: async (id, call) => await tunnel(deleteRequest(urlPath, id), call),
    close: async () => await destination.close(),
  }
}

function unanswered({method, route}: ManagementRequest, baseUrl: URL, thrown: unknown): unknown {
  if (!(thrown instanceof HttpFailureError)) return thrown
  const {failure, message, unsent} = thrown
  const unsure = !unsent && method !== 'GET'
  return new TunnelError('TC-ADMIN-NO-ANSWER', `${method} ${baseUrl.origin}${route}: ${message}`, {
    cause: thrown,
    details: {failure_class: failure},
    ...(unsure
      ? {next: ['It may have been done: look with tunnel-client admin tunnels list before you repeat it']}
      : {}),
  })
}
