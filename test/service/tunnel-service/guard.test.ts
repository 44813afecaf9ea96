import {describe, expect, it} from 'vitest'
import {Secret} from '../../../src/foundation/platform/index.ts'
import {createTunnelService} from '../../../src/service/tunnel-service/index.ts'
import {httpBytes, RawSocket} from './support/caller.ts'
import {startService} from './support/with-service.ts'

/** Status of a GET, which is 405 for whoever is let in. */
async function knock(
  url: string,
  path: string,
  headers: Record<string, string>,
): Promise<{status: number; text: string}> {
  const socket = RawSocket.to(url)
  socket.write(httpBytes('GET', path, {headers: {Connection: 'close', ...headers}}))
  const text = (await socket.end()).toString()
  return {status: Number(text.split(' ')[1]), text}
}

describe('the ingress on loopback', () => {
  it.each([
    ['localhost', undefined, 405],
    ['LOCALHOST:81', undefined, 405],
    ['127.0.0.1:9', undefined, 405],
    ['127.8.9.10', undefined, 405],
    ['[::1]:80', undefined, 405],
    ['tunnel.localhost:1', undefined, 403],
    ['localhost:1', 'http://app.localhost:1', 403],
    ['localhost', 'http://localhost:5173', 405],
    ['localhost', 'https://127.0.0.1', 405],
    ['localhost', 'http://[::1]:1', 405],
    ['evil.example', undefined, 403],
    ['evil.example:80', 'http://evil.example', 403],
    ['localhost.evil.example', undefined, 403],
    ['127.0.0.1.evil.example', undefined, 403],
    ['localhost@evil.example', undefined, 403],
    ['2130706433.example', undefined, 403],
    ['192.168.0.1', undefined, 403],
    ['', undefined, 403],
    ['localhost', 'http://evil.example', 403],
    ['localhost', 'null', 403],
    ['localhost', 'http://localhost.evil.example', 403],
    ['localhost', 'file://localhost', 403],
    ['localhost', 'http://localhost/path', 403],
    ['localhost', '', 403],
  ])('meets Host %j and Origin %j with %i', async (host, origin, status) => {
    const service = await startService()
    const headers = {Host: host, ...(origin === undefined ? {} : {Origin: origin})}
    const paths = [service.mcpUrlPath, `/.well-known/oauth-protected-resource${service.mcpUrlPath}`]
    for (const path of status === 403 ? paths : paths.slice(0, 1)) {
      expect((await knock(service.mcpUrl, path, headers)).status).toBe(status)
    }
  })

  it('asks for the token when it has one, whoever calls, and then lets every Host in', async () => {
    const service = await startService({ingressToken: new Secret('tok')})
    for (const token of [undefined, '', 'wrong', 'tok2']) {
      const headers = token === undefined ? {} : {'X-Tunnel-Ingress-Token': token}
      const {status, text} = await knock(service.mcpUrl, service.mcpUrlPath, headers)
      expect(status).toBe(401)
      expect(text).toContain('invalid_ingress_token')
    }
    const headers = {Host: 'proxy.example', Origin: 'https://proxy.example', 'X-Tunnel-Ingress-Token': 'tok'}
    expect((await knock(service.mcpUrl, service.mcpUrlPath, headers)).status).toBe(405)
  })
})

describe('the ingress elsewhere', () => {
  it.each(['0.0.0.0', '::', '', '192.0.2.1', 'example.com'])('on %j is not opened without a token', async (host) => {
    const start = createTunnelService({ingress: {host, port: 0}})
    await expect(start).rejects.toMatchObject({code: 'TC-SERVICE-OPTIONS'})
  })

  it('is opened with one', async () => {
    const service = await startService({ingress: {host: '0.0.0.0', port: 0}, ingressToken: new Secret('tok')})
    expect(service.mcpUrl).toMatch(/^http:\/\/127\.0\.0\.1:/)
    expect((await knock(service.mcpUrl, service.mcpUrlPath, {})).status).toBe(401)
  })
})

it('refuses before it reads the body', async () => {
  const service = await startService()
  const socket = RawSocket.to(service.mcpUrl)
  socket.write(`POST ${service.mcpUrlPath} HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1000000\r\n\r\n`)
  await socket.until('host_not_allowed')
  socket.destroy()
})
