// `dev mcp-stub`: a demo MCP server, for a first tunnel and for tests.

import {Flags} from '@oclif/core'
import {
  createMcpStub,
  DEFAULT_STUB_NAME,
  DEFAULT_STUB_VERSION,
  serveMcpStubStdio,
  stubBlocks,
} from '../../src/service/mcp-stub/index.ts'
import {BaseCommand} from '../../src/toolkit/cli/index.ts'

export default class DevMcpStub extends BaseCommand<typeof DevMcpStub> {
  static override summary = 'Run a demo MCP server with three tools'
  static override description =
    'Serves Streamable HTTP at /mcp and OAuth metadata that leads nowhere, until it is stopped. With --stdio it speaks on stdin and stdout instead.'
  static override examples = [
    '<%= config.bin %> dev mcp-stub --listen-addr 127.0.0.1:3001',
    '<%= config.bin %> run --mcp.command "tunnel-client dev mcp-stub --stdio"',
  ]
  static override lifetime = 'daemon' as const
  static override flags = {
    'listen-addr': Flags.string({summary: 'Where to listen', default: '127.0.0.1:0', helpValue: '<host:port>'}),
    'server-name': Flags.string({summary: 'Name that the server gives itself', default: DEFAULT_STUB_NAME}),
    'server-version': Flags.string({summary: 'Version that the server gives itself', default: DEFAULT_STUB_VERSION}),
    stdio: Flags.boolean({summary: 'Speak MCP on stdin and stdout; ends when stdin ends'}),
  }

  async run(): Promise<void> {
    const {flags, stop} = this
    const names = {serverName: flags['server-name'], serverVersion: flags['server-version']}
    if (flags.stdio) return serveMcpStubStdio({...names, signal: stop.asked})
    const stub = await createMcpStub({...names, listenAddr: flags['listen-addr']})
    this.present(stubBlocks(stub))
    this.presentJson({base_url: stub.baseUrl, mcp_url: stub.mcpUrl})
    await stub.untilStopped(stop.asked)
  }
}
