// The plugin's server as Codex starts it: a process of its own, spoken to by the official client.

import {mkdirSync} from 'node:fs'
import {Client} from '@modelcontextprotocol/client'
import {StdioClientTransport} from '@modelcontextprotocol/client/stdio'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {RUN_JS} from '../../../support/cli.ts'
import {Scratch} from '../real-codex.ts'

let scratch: Scratch
let client: Client
beforeEach(async () => {
  scratch = new Scratch()
  mkdirSync(scratch.path('state'))
  client = new Client({name: 'test', version: '1'})
  const env = {...scratch.env('none'), TUNNEL_CLIENT_STATE_DIR: scratch.path('state')}
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [RUN_JS, 'codex', 'mcp-server'],
      env,
      cwd: scratch.folder,
    }),
  )
})
afterEach(async () => {
  await client.close()
  scratch.remove()
})

it('has the six tools of the reference, with its hints', async () => {
  const {tools} = await client.listTools()
  expect(
    tools.map(({name, annotations: hints}) => [name, hints?.readOnlyHint, hints?.idempotentHint, hints?.openWorldHint]),
  ).toEqual([
    ['install_or_select_tunnel_client', true, true, false],
    ['create_tunnel_runtime', false, false, true],
    ['connect_stdio_mcp', false, false, true],
    ['list_runtime_aliases', true, true, true],
    ['runtime_status', true, true, true],
    ['stop_runtime', false, true, true],
  ])
  for (const {inputSchema, annotations} of tools) {
    expect(inputSchema).toMatchObject({type: 'object', additionalProperties: false})
    expect(annotations?.destructiveHint).toBe(false)
  }
  expect(tools[2]?.inputSchema.required).toEqual(['alias', 'mcp_command'])
})

it('answers with what the command printed', async () => {
  const answer = await client.callTool({name: 'list_runtime_aliases', arguments: {}})
  expect(answer.structuredContent).toMatchObject({
    ok: true,
    operation: 'list_runtime_aliases',
    exit_code: 0,
    command: [process.execPath, RUN_JS, 'runtimes', 'list', '--json'],
    native: {aliases: [], state_root: scratch.path('state')},
    repair_actions: [],
    tunnel_id: null,
  })
})

it('says which program it uses, and takes no other', async () => {
  const selected = await client.callTool({
    name: 'install_or_select_tunnel_client',
    arguments: {tunnel_client_bin: RUN_JS},
  })
  expect(selected.structuredContent).toMatchObject({ok: true, selected_tunnel_client_bin: RUN_JS})
  const other = await client.callTool({name: 'runtime_status', arguments: {alias: 'a', tunnel_client_bin: '/bin/sh'}})
  expect(other).toMatchObject({isError: true, content: [{text: expect.stringContaining('only accepts the current')}]})
})

it('fails as a tool result, so that the model reads why', async () => {
  const unknown = await client.callTool({name: 'runtime_status', arguments: {alias: 'nobody'}})
  expect(unknown).toMatchObject({
    isError: true,
    content: [{text: expect.stringContaining('alias nobody is not known')}],
    structuredContent: {ok: false, exit_code: 1, alias: 'nobody'},
  })
  const missing = await client.callTool({
    name: 'connect_stdio_mcp',
    arguments: {alias: 'a', mcp_command: 'true', tunnel_id: `tunnel_${'0'.repeat(32)}`},
  })
  expect(missing).toMatchObject({
    isError: true,
    content: [
      {text: expect.stringMatching(/CONTROL_PLANE_API_KEY.*codex plugin install --pass-env CONTROL_PLANE_API_KEY/)},
    ],
  })
})

it('answers a ping and refuses an unknown tool', async () => {
  await expect(client.ping()).resolves.toBeDefined()
  await expect(client.callTool({name: 'nonsense', arguments: {}})).rejects.toThrow('unknown tool: nonsense')
})
