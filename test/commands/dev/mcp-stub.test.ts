// `dev mcp-stub`: the lines that scripts read, JSON, both ways of serving, and how it ends.

import {Client} from '@modelcontextprotocol/sdk/client/index.js'
import {StdioClientTransport} from '@modelcontextprotocol/sdk/client/stdio.js'
import {expect, onTestFinished, test} from 'vitest'
import {cleanEnv, cli, RUN_JS, runCli} from '../../support/cli.ts'

test('prints where it is, serves, and ends with 0 on a signal', async () => {
  const stub = cli(['dev', 'mcp-stub'])
  onTestFinished(() => stub.stop())
  const [, base] = await stub.output(/^MCP stub listening on (http:\/\/127\.0\.0\.1:\d+)$/m)
  await stub.output(/uppercase tool/)
  expect(stub.stdout().split('\n').slice(1, 4)).toEqual([
    `MCP URL: ${base}/mcp`,
    `Protected resource metadata: ${base}/.well-known/oauth-protected-resource/mcp`,
    `Authorization server metadata: ${base}/.well-known/oauth-authorization-server`,
  ])
  const reply = await fetch(`${base}/.well-known/oauth-protected-resource`)
  expect(await reply.json()).toMatchObject({resource: `${base}/mcp`})
  stub.kill('SIGINT')
  expect((await stub.exited).status).toBe(0)
})

test('one document with --json', async () => {
  const stub = cli(['dev', 'mcp-stub', '--json'])
  onTestFinished(() => stub.stop())
  await stub.output(/\n}\n$/)
  const {mcp_url} = JSON.parse(stub.stdout()) as {mcp_url: string}
  expect(mcp_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/)
})

test('over stdio, until stdin ends', async () => {
  const client = new Client({name: 't', version: '1'})
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [RUN_JS, 'dev', 'mcp-stub', '--stdio', '--server-name', 'piped'],
    env: cleanEnv() as Record<string, string>,
  })
  await client.connect(transport)
  expect(client.getServerVersion()).toMatchObject({name: 'piped'})
  expect((await client.callTool({name: 'uppercase', arguments: {input: 'a'}})).structuredContent).toEqual({
    uppercase: 'A',
  })
  await client.close()
})

test('an address that is none, or in use', async () => {
  const bad = await runCli(['dev', 'mcp-stub', '--listen-addr', 'nonsense'])
  expect(bad.status).toBe(1)
  expect(bad.stderr).toContain('is not host:port')
  const stub = cli(['dev', 'mcp-stub', '--json'])
  onTestFinished(() => stub.stop())
  const [, port] = await stub.output(/127\.0\.0\.1:(\d+)\/mcp/)
  const busy = await runCli(['dev', 'mcp-stub', '--listen-addr', `127.0.0.1:${port}`])
  expect(busy.status).toBe(1)
  expect(busy.stderr).toContain('it is in use')
})
