// A program of a user, compiled strictly against the packed declarations, with SDK 2. Never run.
import {McpServer, Server} from '@modelcontextprotocol/server'
import {serveStdio} from '@modelcontextprotocol/server/stdio'
import {createTunnelClient, createTunnelService, type McpTarget, type TunnelService} from 'tunnel-client'

const factory = (): McpServer => new McpServer({name: 'a', version: '1'})
const targets: McpTarget[] = [
  {server: factory},
  {server: factory()},
  {server: async () => new Server({name: 'a', version: '1'}, {capabilities: {}})},
  {connect: (transport) => serveStdio(factory, {transport})},
  {connect: async (transport) => await factory().connect(transport)},
]
export async function run(): Promise<string> {
  const service: TunnelService = await createTunnelService({control: {port: 0}, responseTimeout: 1000})
  for (const mcp of targets) await createTunnelClient({...service.clientOptions(), mcp}).close()
  await service.close()
  return service.mcpUrl
}
