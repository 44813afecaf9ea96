// The command that Codex runs to start the plugin's MCP server. It outlives a Node upgrade: nvm, Homebrew and asdf remove
// the folder of the old Node, and with it programs that were installed for it.

import type {PluginProgram} from '../plugin/bundle.ts'

const SHELL = '/bin/sh'

/** Name of the launcher in its own error messages: `$0` of the script. */
const NAME = 'tunnel-mcp'

/** Tries what was recorded at the install first; `exec` leaves no shell behind. */
const SCRIPT = [
  'node=$1 run=$2; shift 2',
  'if [ ! -f "$run" ]; then own=$(command -v tunnel-client) && exec "$own" "$@"; echo "$0: $run is gone, and tunnel-client is not in PATH. Next: install tunnel-client again, then run tunnel-client codex plugin install" >&2; exit 127; fi',
  'if [ ! -x "$node" ]; then old=$node; node=$(command -v node) || { echo "$0: $old is gone, and node is not in PATH. Next: run tunnel-client codex plugin install" >&2; exit 127; }; fi',
  'exec "$node" "$run" "$@"',
].join('\n')

const WORDS = ['codex', 'mcp-server']

/** `command` and `args` of the server in `.mcp.json`. Windows has no shell that every machine shares: Node itself there. */
export function launchCommand(
  {node, runJs}: Pick<PluginProgram, 'node' | 'runJs'>,
  platform: NodeJS.Platform = process.platform,
): {readonly command: string; readonly args: readonly string[]} {
  if (platform === 'win32') return {command: node, args: [runJs, ...WORDS]}
  return {command: SHELL, args: ['-c', SCRIPT, NAME, node, runJs, ...WORDS]}
}

/** What a launch command starts while nothing has moved: Node, the program and its words. Other commands stay as they are. */
export function launchedArgv(command: readonly string[]): readonly string[] {
  const [shell, flag, , name, ...rest] = command
  return shell === SHELL && flag === '-c' && name === NAME ? rest : command
}
