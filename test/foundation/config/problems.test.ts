import {describe, expect, it} from 'vitest'
import {load, problemOf, problemsOf} from './loading.ts'

describe('everything at once', () => {
  it('reports all problems in the order of evaluation, what the file says about itself first', async () => {
    const problems = await problemsOf({
      flags: {'control-plane.poll-timeout': 'x', 'mcp.command': ['"'], 'log.level': 'debug'},
      env: {CONTROL_PLANE_TUNNEL_ID: '', CONTROL_PLANE_API_KEY: undefined, CA_BUNDLE: 'nope.pem', ALLOW_REMOTE_UI: 'x'},
      yaml: 'health:\n  listen_addr: env:NOPE\n  url_fil: x\n',
    })
    expect(problems.map(({code}) => code)).toEqual([
      'TC-CONFIG-UNKNOWN-KEY',
      'TC-CONFIG-REFERENCE',
      'TC-CONFIG-CA-BUNDLE',
      'TC-CONFIG-TUNNEL-ID-MISSING',
      'TC-CONFIG-VALUE',
      'TC-CONFIG-API-KEY-MISSING',
      'TC-CONFIG-MCP-ENTRY',
      'TC-CONFIG-LOG',
      'TC-CONFIG-VALUE',
    ])
    expect(problems.every(({next}) => next.length > 0)).toBe(true)
  })

  it('says in one line what is wrong, and keeps origin and next step of a single problem', async () => {
    const one = load({env: {CONTROL_PLANE_TUNNEL_ID: 'x'}})
    await expect(one).rejects.toMatchObject({
      code: 'TC-CONFIG-INVALID',
      message: 'invalid tunnel ID "x": must match tunnel_<32 lowercase letters or digits>',
      origin: 'env CONTROL_PLANE_TUNNEL_ID',
      next: ['Copy the id again: tunnel_ and 32 lower-case letters or digits'],
      exitCode: 1,
    })
    const two = load({env: {CONTROL_PLANE_TUNNEL_ID: 'x', MCP_SERVER_URL: undefined}})
    await expect(two).rejects.toMatchObject({
      message: expect.stringMatching(/^invalid tunnel ID "x": .*; main channel is required; set --mcp\.server-url/),
      origin: undefined,
    })
  })

  it('accepts what a fresh user has: an id, a key and a server', async () => {
    const config = await load({})
    expect(config).toMatchObject({
      mcp: {bindings: [{kind: 'http', channel: 'main', unixSocket: null, clientCertificate: null}]},
      source: {kind: 'none'},
      trust: {caBundle: null},
    })
    expect(config.controlPlane.apiKey.reveal()).toBe('key_of_tests')
    expect(config.origin('no.such.key')).toEqual({layer: 'default'})
  })

  it('ignores flags that are no settings', async () => {
    await expect(load({flags: {json: true, explain: true, nonsense: 'x'}})).resolves.toBeDefined()
    expect(await problemOf({env: {MCP_SERVER_URL: ''}})).toMatch(/^main channel is required; set /)
  })
})
