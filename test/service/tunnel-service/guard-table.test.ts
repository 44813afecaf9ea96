// The guard of the ingress as a table: method, header fields, status.

import {describe, expect, it} from 'vitest'
import {RawSocket} from './support/caller.ts'
import {startService} from './support/with-service.ts'

const LOCAL = 'Host: localhost'
const JSON_TYPE = 'Content-Type: application/json'
const CROSS = 'Sec-Fetch-Site: cross-site'
const NAVIGATE = 'Sec-Fetch-Mode: navigate'
/** A response that nobody asked for: 400 at once for everyone who is let in, without a daemon. */
const BODY = '{"jsonrpc":"2.0","id":1,"result":{}}'

const POSTS: readonly (readonly [readonly string[], number])[] = [
  [[LOCAL, JSON_TYPE], 400],
  [[LOCAL, 'Content-Type: application/json; charset=utf-8'], 400],
  [[LOCAL, 'Content-Type: APPLICATION/JSON'], 400],
  [[LOCAL], 400],
  [[LOCAL, 'Content-Type: text/plain'], 415],
  [[LOCAL, 'Content-Type: text/plain; x=application/json'], 415],
  [[LOCAL, 'Content-Type: application/x-www-form-urlencoded'], 415],
  [[LOCAL, 'Content-Type: multipart/form-data; boundary=x'], 415],
  [[LOCAL, 'Origin: http://localhost:1'], 415],
  [[LOCAL, 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: no-cors'], 415],
  [[LOCAL, JSON_TYPE, 'Origin: http://localhost:1'], 400],
  [[LOCAL, JSON_TYPE, 'Origin: http://app.localhost:1'], 403],
  [[LOCAL, JSON_TYPE, 'Origin: https://evil.example'], 403],
  [[LOCAL, JSON_TYPE, CROSS], 403],
  [[LOCAL, JSON_TYPE, CROSS, NAVIGATE], 403],
  [[LOCAL, JSON_TYPE, 'Sec-Fetch-Site: same-site'], 403],
  [[LOCAL, JSON_TYPE, 'Sec-Fetch-Site: same-origin'], 400],
  [[LOCAL, JSON_TYPE, 'Sec-Fetch-Site: none'], 400],
  [[LOCAL, 'Content-Type: text/plain', CROSS], 403],
  [['Host: app.localhost', JSON_TYPE], 403],
  [['Host: evil.example', JSON_TYPE], 403],
  [[LOCAL, JSON_TYPE, 'Referer: https://evil.example/'], 400],
]

describe('a POST to the ingress', () => {
  it.each(POSTS)('with %j is answered %i', async (lines, status) => {
    const service = await startService()
    const socket = RawSocket.to(service.mcpUrl)
    const head = [
      `POST ${service.mcpUrlPath} HTTP/1.1`,
      'Connection: close',
      `Content-Length: ${BODY.length}`,
      ...lines,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${BODY}`)
    expect(Number((await socket.end()).toString().split(' ')[1])).toBe(status)
  })
})
