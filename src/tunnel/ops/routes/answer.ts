// How routes answer: one place for lengths, HEAD and the JSON layout.

import {type HttpExchange, printableJson, redactSecrets} from '../../../foundation/platform/index.ts'

/** Content type of the plain pages. */
export const TEXT = 'text/plain; charset=utf-8'
/** Content type of the documents. */
export const JSON_TYPE = 'application/json; charset=utf-8'

/** Sends a whole body without secrets; a HEAD gets its headers only. */
export function send(
  {request, response}: HttpExchange,
  answer: {
    readonly status: number
    readonly type: string
    readonly body: string
    readonly headers?: Readonly<Record<string, string>>
  },
): void {
  const {status, type, headers} = answer
  const body = redactSecrets(answer.body)
  response.writeHead(status, {'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...headers})
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** Sends one document: one line and a line break, never kept by caches. */
export function sendJson(exchange: HttpExchange, document: unknown, status = 200): void {
  const body = `${printableJson(document)}\n`
  send(exchange, {status, type: JSON_TYPE, body, headers: {'Cache-Control': 'no-store'}})
}

/** The query of a request. */
export function queryOf({request: {url = ''}}: HttpExchange): URLSearchParams {
  const at = url.indexOf('?')
  return new URLSearchParams(at === -1 ? '' : url.slice(at + 1))
}
