import {expect, it} from 'vitest'
import {commandLine} from '../../../../src/toolkit/codex/mcp-server/command-line.ts'

const ENV = {CONTROL_PLANE_API_KEY: 'key', CONTROL_PLANE_BASE_URL: 'https://tunnels.example.com:8443/base'}

it.each([
  [
    'create_tunnel_runtime',
    {alias: 'docs', organization_id: 'org_1', name: '--odd'},
    ['runtimes', 'create', '--alias=docs', '--organization-id=org_1', '--name=--odd', '--json'],
  ],
  [
    'connect_stdio_mcp',
    {alias: 'docs', mcp_command: 'npx server "a b"', tunnel_id: 'tunnel_1', runtime_api_key: 'file:/k'},
    [
      'runtimes',
      'connect',
      '--alias=docs',
      '--mcp-command=npx server "a b"',
      '--tunnel-id=tunnel_1',
      '--runtime-api-key=file:/k',
      '--json',
    ],
  ],
  ['list_runtime_aliases', {}, ['runtimes', 'list', '--json']],
  [
    'list_runtime_aliases',
    {workspace_id: ' w ', control_plane_base_url: 'https://tunnels.example.com:8443'},
    ['runtimes', 'list', '--workspace-id=w', '--control-plane-base-url=https://tunnels.example.com:8443', '--json'],
  ],
  ['runtime_status', {alias: 'docs'}, ['runtimes', 'status', 'docs', '--json']],
  ['stop_runtime', {alias: 'docs', tunnel_client_bin: ''}, ['runtimes', 'stop', 'docs', '--json']],
] as const)('%s %j', (name, args, words) => {
  expect(commandLine(name, args, ENV)).toEqual(words)
})

it.each([
  ['runtime_status', {}, 'alias is required'],
  ['runtime_status', {alias: '--json'}, 'alias must start with a letter or number'],
  ['runtime_status', {alias: 'a', x: 1}, 'unknown argument: x'],
  ['runtime_status', {alias: 'a', constructor: 1}, 'unknown argument: constructor'],
  ['runtime_status', {alias: 7}, 'alias must be a string'],
  [
    'create_tunnel_runtime',
    {alias: 'a'},
    'create_tunnel_runtime requires exactly one of organization_id or workspace_id',
  ],
  ['create_tunnel_runtime', {alias: 'a', organization_id: 'o', workspace_id: 'w'}, 'requires exactly one of'],
  ['connect_stdio_mcp', {alias: 'a', mcp_command: 'x'}, 'exactly one of organization_id, workspace_id, or tunnel_id'],
  ['connect_stdio_mcp', {alias: 'a', tunnel_id: 't'}, 'mcp_command is required'],
  [
    'connect_stdio_mcp',
    {alias: 'a', tunnel_id: 't', mcp_command: 'x'.repeat(4097)},
    'mcp_command must be at most 4096 characters',
  ],
  ['connect_stdio_mcp', {alias: 'a', tunnel_id: 't', mcp_command: 'x --api-key abcdef'}, 'inline secret material'],
  [
    'connect_stdio_mcp',
    {alias: 'a', tunnel_id: 't', mcp_command: 'x', runtime_api_key: 'sk-aaaaaaaaaaaaaaaa'},
    'runtime_api_key must be a secret reference',
  ],
  [
    'connect_stdio_mcp',
    {alias: 'a', tunnel_id: 't', mcp_command: 'x', runtime_api_key: 'env:OTHER'},
    'the variable OTHER did not reach the plugin',
  ],
  [
    'list_runtime_aliases',
    {organization_id: 'o', tenant_id: 't'},
    'at most one of organization_id, workspace_id, or tenant_id',
  ],
  [
    'list_runtime_aliases',
    {control_plane_base_url: 'https://evil.example.com'},
    'control_plane_base_url must be https://api.openai.com',
  ],
  ['list_runtime_aliases', {control_plane_base_url: 'https://api.openai.com/x'}, 'origin in authority form'],
  ['list_runtime_aliases', {control_plane_base_url: 'https://u:p@api.openai.com'}, 'origin in authority form'],
  [
    'list_runtime_aliases',
    {control_plane_base_url: 'https://api.openai.com\\@evil.example.com'},
    'origin in authority form',
  ],
] as const)('%s %j is refused: %s', (name, args, message) => {
  expect(() => commandLine(name, args as Record<string, unknown>, ENV)).toThrow(message)
})
