// `codex mcp-server`: what Codex starts for the plugin. People have no use for it.

import {BaseCommand} from '../../src/toolkit/cli/index.ts'
import {pluginProgram, servePlugin, toolFolder} from '../../src/toolkit/codex/index.ts'

export default class CodexMcpServer extends BaseCommand<typeof CodexMcpServer> {
  static override summary = "Serve the Codex plugin's tools over MCP on stdin and stdout"
  static override description =
    'Codex starts this from the .mcp.json of the installed plugin. Each tool runs one command of this program. Ends when stdin ends.'
  static override hidden = true
  static override lifetime = 'daemon' as const

  async run(): Promise<void> {
    const {env} = this.host
    const program = await pluginProgram(this.config.root, this.config.version)
    await servePlugin({host: {program, env, cwd: toolFolder(env)}, signal: this.stop.asked})
  }
}
