// The server that an installed copy of the plugin names in its `.mcp.json`, and whether Codex could start it.

import {readFile} from 'node:fs/promises'
import {isAbsolute, join} from 'node:path'
import {resolveExecutable} from '../../../foundation/platform/index.ts'
import {SERVER_NAME} from '../codex-home.ts'
import type {PluginProgram} from '../plugin/bundle.ts'
import {exists} from '../plugin/folders.ts'
import {launchedArgv} from './launcher.ts'

/** What `.mcp.json` says. */
export interface InstalledServer {
  /** Node, the program and its words; for a bundle of another program, its command. */
  readonly argv: readonly string[]
  readonly envVars: readonly string[]
  /** Working folder; empty when the file names none. */
  readonly cwd: string
}

/** Reads the `.mcp.json` of a copy; null when it names no server of ours. */
export async function readServer(folder: string): Promise<InstalledServer | null> {
  try {
    const document = JSON.parse(await readFile(join(folder, '.mcp.json'), 'utf8'))
    const server = document.mcpServers[SERVER_NAME]
    const argv = launchedArgv([server.command, ...(server.args ?? [])].map(String))
    return {argv, envVars: server.env_vars ?? [], cwd: String(server.cwd ?? '')}
  } catch {
    return null
  }
}

/** What is wrong with a server, one sentence each. @param program this program; null when it is not known. */
export async function serverProblems(
  server: InstalledServer | null,
  {
    program,
    env,
    cwd,
  }: {
    readonly program: PluginProgram | null
    readonly env: Readonly<Record<string, string | undefined>>
    readonly cwd: string
  },
): Promise<string[]> {
  if (server === null) return ['its .mcp.json cannot be read: Codex starts no server']
  const [node = '', runJs = ''] = server.argv
  if (!isAbsolute(node)) return [`it was not installed by this program: it starts ${node}`]
  const problems: string[] = []
  if (!(await exists(node))) problems.push(`its Node is gone: ${node}; ${await standIn('node', {env, cwd})}`)
  if (!(await exists(runJs))) {
    problems.push(`the program that it starts is gone: ${runJs}; ${await standIn('tunnel-client', {env, cwd})}`)
  } else if (program !== null && runJs !== program.runJs) problems.push(`it starts another tunnel-client: ${runJs}`)
  return [...problems, ...(await folderProblems(server.cwd))]
}

/** What the launcher falls back to. Codex may have another PATH than this process. */
async function standIn(
  name: string,
  where: {readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string},
): Promise<string> {
  const found = await resolveExecutable({name, ...where})
  return found.found ? `${found.path} from PATH stands in` : `and ${name} is not in PATH: the server cannot start`
}

/** A relative folder lies in Codex's cache: Codex removes it at every upgrade, under a running server. */
async function folderProblems(cwd: string): Promise<string[]> {
  if (!isAbsolute(cwd))
    return ['it runs in the folder of its version, which an upgrade removes under a running session']
  return (await exists(cwd)) ? [] : [`its working folder is gone: ${cwd}; Codex cannot start the server without it`]
}
