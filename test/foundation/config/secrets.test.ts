import {inspect} from 'node:util'
import {describe, expect, it} from 'vitest'
import {loadConfig} from '../../../src/foundation/config/index.ts'
import {folder, type Given, load, NEEDED, put} from './loading.ts'

const CANARY = 'CANARYcanary0123456789'
const MARK = /canary/i

/** Everything that a person, a log or a report could see of a refused configuration. */
async function seen({flags = {}, env = {}, yaml}: Given): Promise<string> {
  const config = yaml === undefined ? {} : {config: put('tunnel.yaml', yaml)}
  try {
    await loadConfig({flags: {...config, ...flags}, env: {...NEEDED, ...env}, cwd: folder})
  } catch (thrown) {
    const error = thrown as Error & {problems: Error[]}
    expect(error.problems.length).toBeGreaterThan(0)
    return [inspect(error, {depth: 9}), JSON.stringify(error), ...error.problems.map(({message}) => message)].join('\n')
  }
  throw new Error('the configuration was accepted')
}

const flag = (name: string, ...values: string[]): Given => ({flags: {[name]: values.length === 1 ? values[0] : values}})
const headers = ['control-plane.extra-headers', 'mcp.extra-headers', 'mcp.discovery-extra-headers']

const PLACES: readonly (readonly [string, Given])[] = [
  ['a literal key on the command line', flag('control-plane.api-key', CANARY)],
  ['a literal key under the alias', flag('control-plane-api-key', `sk-proj-${CANARY}`)],
  ['a key behind a prefix in the wrong case', flag('control-plane.api-key', `ENV:${CANARY}`)],
  ['a key taken for the name of a variable', flag('control-plane.api-key', `env:sk-proj-${CANARY}`)],
  ['a malformed key taken for the name of a variable', flag('control-plane.api-key', `env:${CANARY}!`)],
  ['a key taken for a path', flag('control-plane.api-key', `file:sk-${CANARY}`)],
  ['a malformed key in a variable', {env: {CONTROL_PLANE_API_KEY: `${CANARY} `}}],
  ['a malformed key in the other variable', {env: {CONTROL_PLANE_API_KEY: undefined, OPENAI_API_KEY: `a ${CANARY}`}}],
  [
    'a malformed key in YAML',
    {env: {CONTROL_PLANE_API_KEY: undefined}, yaml: `control_plane: {api_key: "${CANARY}!"}`},
  ],
  ['a key as a map in YAML', {yaml: `control_plane:\n  api_key:\n    value: ${CANARY}\n`}],
  ['a key as a list in YAML', {yaml: `control_plane: {api_key: [${CANARY}]}`}],
  ['a key in a line that is no YAML', {yaml: `control_plane:\n  api_key: ${CANARY}: x\n`}],
  ['a key in quotes that never end', {yaml: `control_plane:\n  api_key: "${CANARY}\n`}],
  ['a key that starts with a star', {yaml: `control_plane:\n  api_key: *${CANARY}\n`}],
  ['a key that starts with an at sign', {yaml: `control_plane:\n  api_key: @${CANARY}\n`}],
  ['a key where a number belongs in YAML', {yaml: `control_plane: {max_inflight_requests: ${CANARY}}`}],
  ['a key where the file should be a map', {yaml: CANARY}],
  ['the runtime key as the tunnel id', {env: {CONTROL_PLANE_API_KEY: CANARY, CONTROL_PLANE_TUNNEL_ID: CANARY}}],
  ['the runtime key as a number', {env: {CONTROL_PLANE_API_KEY: CANARY, MCP_MAX_CONCURRENT_REQUESTS: CANARY}}],
  ['a key that can be told by its looks', flag('control-plane.tunnel-id', `sk-proj-${CANARY}`)],
  ['the admin key as a duration', {env: {OPENAI_ADMIN_KEY: CANARY, MCP_CONNECTION_MAX_TTL: CANARY}}],
  ['userinfo of the address', flag('control-plane.base-url', `https://me:${CANARY}@h:x`)],
  ['a password with a slash', flag('control-plane.base-url', `https://me:${CANARY}/${CANARY}@h`)],
  ['a password with a bad escape', flag('control-plane.base-url', `https://me:%zz${CANARY}@h`)],
  ['a password with a blank', flag('control-plane.base-url', `https://me:${CANARY} ${CANARY}@h`)],
  ['userinfo of the path', flag('control-plane.url-path', `//me:${CANARY}@h/%zz`)],
  ['userinfo of a server', flag('mcp.server-url', `http://me:${CANARY}@h h`)],
  ['userinfo in an entry', flag('mcp.server-url', `url=http://me:${CANARY}@h,nonsense`)],
  ['userinfo of a proxy in an entry', flag('mcp.server-url', `url=http://h,http-proxy=http://me:${CANARY}@p,x=y`)],
  ['a password with a comma', flag('mcp.server-url', `url=http://me:${CANARY},${CANARY}@h`)],
  ['a query in an entry', flag('mcp.server-url', `url=http://h/?token=${CANARY}&b=${CANARY},nonsense`)],
  ['an option of a command', flag('mcp.command', `command=node --api-key ${CANARY},url=x`)],
  ['an option with an equals sign', flag('mcp.command', `command=node --token=${CANARY},url=x`)],
  ['a quoted option', flag('mcp.command', `command=node --password "${CANARY} ${CANARY}",url=x`)],
  ['a variable in a command', flag('mcp.command', `command=env MY_SECRET=${CANARY} node,url=x`)],
  ['a header in a command', flag('mcp.command', `command=npx x --header "Authorization: Bearer ${CANARY}",url=x`)],
  ['userinfo of a proxy variable', {env: {TUNNEL_CLIENT_HTTP_PROXY: `http://me:${CANARY}@p`}}],
  ['userinfo of a proxy in YAML', {yaml: `mcp: {http_proxy: "http://me:${CANARY}@p"}`}],
  ['a cloudflared token', {env: {CLOUDFLARED_TUNNEL_TOKEN: CANARY}}],
  [
    'a password of a server entry in YAML',
    {
      env: {MCP_SERVER_URL: undefined},
      yaml: `mcp: {server_urls: [{url: "http://me:${CANARY}@h", client_cert: c}]}`,
    },
  ],
  ...headers.flatMap((name): [string, Given][] => [
    [`--${name} without a colon`, flag(name, CANARY, 'a: b')],
    [`--${name} with a control character`, flag(name, `X: ${CANARY}\u0001`, 'a: b')],
    [`--${name} with a line break`, flag(name, `X: a\n${CANARY}`, 'a: b')],
    [`--${name} twice`, flag(name, `x: ${CANARY}1`, `X: ${CANARY}2`)],
    [`--${name} with a literal for a name`, flag(name, `X: env:${CANARY}!`, 'a: b')],
  ]),
  ['a reserved header', flag('control-plane.extra-headers', `Authorization: Bearer ${CANARY}`)],
  ['a header value cut by a comma', {env: {MCP_EXTRA_HEADERS: `X: a,${CANARY}`}}],
  ['a header value cut by a comma, with a colon', {env: {MCP_EXTRA_HEADERS: `X: a,${CANARY} b: c`}}],
  ['a header value cut by a comma, without a value', {env: {MCP_EXTRA_HEADERS: `X: a,b ${CANARY}:`}}],
  ['headers that are no JSON', {env: {MCP_EXTRA_HEADERS: `{"X": "${CANARY}"`}}],
  ['headers that are no strings', {env: {MCP_EXTRA_HEADERS: `{"X": ["${CANARY}"]}`}}],
  ['headers in JSON with a line break', {env: {MCP_EXTRA_HEADERS: `{"X": "a\\n${CANARY}"}`}}],
  ['headers in YAML with a line break', {yaml: `mcp: {extra_headers: {X: "a\\n${CANARY}"}}`}],
  ['headers in YAML of the wrong type', {yaml: `mcp: {extra_headers: {X: [${CANARY}]}}`}],
  ['headers in YAML as text', {yaml: `mcp: {extra_headers: "X: ${CANARY}"}`}],
  ['a header variable with a line break', {...flag('mcp.extra-headers', 'X: env:TOKEN'), env: {TOKEN: `a\n${CANARY}`}}],
  [
    'a header whose value shows up elsewhere',
    {...flag('mcp.extra-headers', `X: ${CANARY}`), env: {LOG_FORMAT: CANARY}},
  ],
]

describe('no error text shows a secret', () => {
  it.each(PLACES)('%s', async (_, given) => {
    expect(await seen(given)).not.toMatch(MARK)
  })

  it('from a file that a reference leads to', async () => {
    put('secret', `a ${CANARY}\nb`)
    expect(await seen(flag('control-plane.api-key', 'file:secret'))).not.toMatch(MARK)
    expect(await seen(flag('mcp.extra-headers', 'X: file:secret'))).not.toMatch(MARK)
    const pem = `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----\n`
    put('key.pem', pem)
    put('cert.pem', `-----BEGIN CERTIFICATE-----\n${CANARY}\n-----END CERTIFICATE-----\n`)
    expect(await seen({flags: {'mcp.client-cert': 'cert.pem', 'mcp.client-key': 'key.pem'}})).not.toMatch(MARK)
  })
})

describe('a loaded configuration', () => {
  it('shows its secrets to nobody who prints it', async () => {
    const config = await load({
      env: {CONTROL_PLANE_API_KEY: CANARY},
      flags: {'mcp.extra-headers': [`X: ${CANARY}`], 'control-plane.extra-headers': [`X: ${CANARY}`]},
    })
    expect(inspect(config, {depth: 9, showHidden: true})).not.toMatch(MARK)
    expect(JSON.stringify(config)).not.toMatch(MARK)
    expect(`${config.controlPlane.apiKey}`).toBe('[secret]')
  })
})
