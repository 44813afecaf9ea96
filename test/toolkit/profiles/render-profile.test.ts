import {join} from 'node:path'
import fc from 'fast-check'
import {expect, it} from 'vitest'
import {parse} from 'yaml'
import {judgeProfile, PROFILE_SAMPLES, renderProfile, showSample} from '../../../src/toolkit/profiles/index.ts'
import {ROOT} from '../../laws/sources.ts'

const templates = join(ROOT, 'templates')
const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'

it.each(PROFILE_SAMPLES.map(({name}) => [name]))('%s has the reference values in the reference order', async (name) => {
  const {yaml} = await showSample({templates, name})
  const profile = parse(yaml) as Record<string, Record<string, unknown>>
  const enterprise = name === 'sample_mcp_enterprise_proxy'
  expect(Object.keys(profile)).toEqual([
    'config_version',
    ...(enterprise ? ['ca_bundle', 'http_proxy'] : []),
    'control_plane',
    'health',
    'admin_ui',
    'log',
    'mcp',
  ])
  expect(profile).toMatchObject({
    config_version: 1,
    control_plane: {base_url: 'https://api.openai.com', tunnel_id: TUNNEL, api_key: 'env:CONTROL_PLANE_API_KEY'},
    health: {listen_addr: '127.0.0.1:8080'},
    admin_ui: {open_browser: false},
    log: {level: 'info', format: 'json'},
  })
  expect(Object.keys(profile.control_plane!)).toEqual(['base_url', 'tunnel_id', 'api_key'])
  expect(JSON.stringify(profile.mcp)).toMatch(/^\{"(server_urls|commands)":\[\{"channel":"main","(url|command)":/)
  expect(yaml).not.toContain('{{')
  expect(yaml).toContain('url_file')
  if (enterprise) {
    expect(profile).toMatchObject({ca_bundle: 'env:ENTERPRISE_CA_BUNDLE', http_proxy: 'env:HTTPS_PROXY'})
    for (const variable of ['CONTROL_PLANE_API_KEY', 'OPENAI_ADMIN_KEY', 'HTTPS_PROXY', 'ENTERPRISE_CA_BUNDLE'])
      expect(yaml.split('config_version')[0]).toContain(`export ${variable}=`)
  }
})

it('puts in what is given', async () => {
  const yaml = await renderProfile({
    templates,
    sample: 'sample_mcp_stdio_local',
    values: {
      tunnelId: ` ${TUNNEL} `,
      mcpCommand: `sh -c 'echo "a b" \\ $X'`,
      controlPlaneBaseUrl: 'http://127.0.0.1:1',
      controlPlaneUrlPath: '/v2',
      apiKeyRef: 'file:/k e y',
      healthListenAddr: '[::1]:0',
      openBrowser: true,
    },
  })
  expect(parse(yaml)).toMatchObject({
    control_plane: {base_url: 'http://127.0.0.1:1', url_path: '/v2', tunnel_id: TUNNEL, api_key: 'file:/k e y'},
    health: {listen_addr: '[::1]:0'},
    admin_ui: {open_browser: true},
    mcp: {commands: [{channel: 'main', command: `sh -c 'echo "a b" \\ $X'`}]},
  })
})

it('lets no value change the structure', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({minLength: 1, unit: 'binary'}), async (text) => {
      fc.pre(text.trim() !== '')
      const values = {tunnelId: TUNNEL, mcpCommand: text}
      const yaml = await renderProfile({templates, sample: 'sample_mcp_stdio_local', values})
      const {mcp, ...rest} = parse(yaml) as {mcp: {commands: {command: string}[]}}
      expect(mcp.commands).toEqual([{channel: 'main', command: text.trim()}])
      expect(Object.keys(rest)).toEqual(['config_version', 'control_plane', 'health', 'admin_ui', 'log'])
    }),
    {numRuns: 60},
  )
})

it.each([
  ['sample_mcp_with_dcr', {}, 'sample_mcp_with_dcr requires exactly one of --mcp-server-url or --mcp-command'],
  ['sample_mcp_with_dcr', {mcpServerUrl: 'http://a', mcpCommand: 'b'}, 'requires exactly one of'],
  ['sample_mcp_stdio_local', {}, 'sample_mcp_stdio_local requires --mcp-command'],
  ['sample_mcp_stdio_local', {mcpServerUrl: 'http://a', mcpCommand: 'b'}, 'no use for --mcp-server-url'],
  ['sample_mcp_remote_no_auth', {mcpCommand: 'b'}, 'requires --mcp-server-url and has no use for --mcp-command'],
  ['sample_mcp_remote_no_auth', {mcpServerUrl: ' '}, 'requires --mcp-server-url'],
  ['nope', {mcpCommand: 'b'}, 'unknown sample "nope"; run `tunnel-client profiles samples list`'],
  ['sample_mcp_with_dcr', {mcpCommand: 'b', apiKeyRef: 'sk-secret'}, 'use env:VARNAME or file:/path/to/key'],
  ['sample_mcp_with_dcr', {mcpCommand: 'b', apiKeyRef: 'Env: '}, 'environment variable name is required'],
  ['sample_mcp_with_dcr', {mcpCommand: 'b', apiKeyRef: 'file:'}, 'file path is required'],
  ['sample_mcp_with_dcr', {mcpCommand: 'b', healthListenAddr: '8080'}, 'invalid health listen address "8080"'],
])('%s refuses %j', async (sample, values, text) => {
  const rendered = renderProfile({templates, sample, values: {tunnelId: TUNNEL, ...values}})
  await expect(rendered).rejects.toMatchObject({code: 'TC-PROFILE-SAMPLE', message: expect.stringContaining(text)})
  await expect(rendered).rejects.not.toMatchObject({message: expect.stringContaining('sk-secret')})
})

it.each(PROFILE_SAMPLES.map(({name}) => [name]))('%s is what run understands', async (name) => {
  const {yaml} = await showSample({templates, name})
  const env = {CONTROL_PLANE_API_KEY: 'k'}
  const check = await judgeProfile({path: 'x.yaml', data: yaml, env, cwd: '/'})
  expect(check.broken).toEqual([])
  expect(check.refused.filter(({code}) => code !== 'TC-CONFIG-UNSUPPORTED')).toEqual([])
})
