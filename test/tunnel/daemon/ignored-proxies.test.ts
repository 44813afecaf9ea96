import {expect, test} from 'vitest'
import {loadConfig} from '../../../src/foundation/config/index.ts'
import {type LogAttrs, silentLogger} from '../../../src/foundation/platform/index.ts'
import {warnIgnoredProxies} from '../../../src/tunnel/daemon/ignored-proxies.ts'

const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'

/** What is said for a service at `baseUrl` and a server at `mcpUrl` with these variables. */
async function said(baseUrl: string, mcpUrl: string, env: NodeJS.ProcessEnv): Promise<LogAttrs | null> {
  const config = await loadConfig({
    flags: {
      'control-plane.base-url': baseUrl,
      'control-plane.tunnel-id': TUNNEL,
      'mcp.server-url': [mcpUrl],
    },
    env: {CONTROL_PLANE_API_KEY: 'k'},
    cwd: '/',
  })
  let attrs: LogAttrs | null = null
  const warn = (_message: string, more: LogAttrs = {}): void => {
    attrs = more
  }
  warnIgnoredProxies({...silentLogger, warn}, config, env)
  return attrs
}

const PROXY = {HTTPS_PROXY: 'http://user:hunter2@proxy.example:8080'}

test('a proxy variable for the service is named, its value is not', async () => {
  const attrs = await said('https://api.example.com', 'http://127.0.0.1:3000/mcp', PROXY)
  expect(attrs).toMatchObject({variables: 'HTTPS_PROXY', targets: 'api.example.com'})
  expect(JSON.stringify(attrs)).not.toContain('hunter2')
})

test('so is one for a plain MCP server elsewhere, in lower case', async () => {
  const attrs = await said('http://127.0.0.1:1', 'http://mcp.corp/mcp', {http_proxy: 'http://proxy:1'})
  expect(attrs).toMatchObject({variables: 'http_proxy', targets: 'mcp.corp'})
})

test.each([
  ['everything is on this machine', 'http://127.0.0.1:1', {HTTP_PROXY: 'http://proxy:1', ...PROXY}],
  ['the variable is for another scheme', 'https://api.example.com', {HTTP_PROXY: 'http://proxy:1'}],
  ['the variable is empty', 'https://api.example.com', {HTTPS_PROXY: ''}],
])('nothing is said when %s', async (_why, baseUrl, env) => {
  expect(await said(baseUrl, 'http://localhost:3000/mcp', env)).toBeNull()
})
