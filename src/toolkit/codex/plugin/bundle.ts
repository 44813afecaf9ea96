// The plugin as files: the templates of this package, with the paths of this machine filled in.

import {readdir, readFile, realpath, rm} from 'node:fs/promises'
import {dirname, join, relative, sep} from 'node:path'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {writeFileAtomic} from '../../../foundation/platform/index.ts'
import {BINARY_HINT, PLUGIN_NAME, SERVER_NAME} from '../codex-home.ts'
import {launchCommand} from '../launch/launcher.ts'
import {makeFolder, removeEmpty} from './folders.ts'
import {MARKETPLACE_MARK, marketplaceManifest} from './marketplace.ts'
import type {PluginVariables} from './variables.ts'

/** This program, as the plugin will start it. Absolute paths without links. */
export interface PluginProgram {
  readonly node: string
  readonly runJs: string
  readonly version: string
}

/** A file of the bundle. */
export interface BundleFile {
  /** Inside the bundle, with slashes. */
  readonly path: string
  readonly data: string | Buffer
  readonly mode: number
}

/** Milliseconds would be too fine: Codex counts seconds. A runtime that starts on a slow machine needs its time. */
const TIMEOUTS = {startup_timeout_sec: 30, tool_timeout_sec: 180}

/** Finds this program. `root` is the folder of package.json. @throws TunnelError `TC-CODEX-WRITE` when it is not whole. */
export async function pluginProgram(root: string, version: string): Promise<PluginProgram> {
  const runJs = await realpath(join(root, 'bin', 'run.js')).catch(() => null)
  if (runJs === null) throw new TunnelError('TC-CODEX-WRITE', `${join(root, 'bin', 'run.js')} is missing`)
  return {node: await realpath(process.execPath), runJs, version}
}

/** The program of this process; null when the process was not started through `bin/`, as in tests and embedders. */
export async function runningProgram(): Promise<PluginProgram | null> {
  const root = join(await realpath(process.argv[1] ?? '').catch(() => ''), '..', '..')
  const about = await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}')
  const {name, version} = JSON.parse(about) as {name?: unknown; version?: unknown}
  return name === 'tunnel-client' ? pluginProgram(root, String(version)).catch(() => null) : null
}

/**
 * Renders the bundle.
 * @param options.templates folder of the package's `templates/codex-plugin`
 * @param options.stateRoot working folder of the server: absolute, and no part of Codex's cache, whose folders are removed
 * at an upgrade while sessions still use them.
 */
export async function renderBundle(options: {
  readonly templates: string
  readonly program: PluginProgram
  readonly variables: PluginVariables
  readonly stateRoot: string
}): Promise<BundleFile[]> {
  const {templates, program} = options
  const entries = await readdir(templates, {recursive: true, withFileTypes: true})
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = await Promise.all(
    paths.sort().map(async (path): Promise<BundleFile> => {
      const inside = relative(templates, path).split(sep).join('/')
      return {path: inside, data: await readFile(path), mode: /^scripts\/([^.]+|.*\.sh)$/.test(inside) ? 0o755 : 0o644}
    }),
  )
  const rendered = files.map((file) => {
    if (file.path === '.codex-plugin/plugin.json') return {...file, data: withVersion(file.data, program.version)}
    return file.path === '.mcp.json' ? {...file, data: withServer(file.data, options)} : file
  })
  return [...rendered, {path: BINARY_HINT, data: `${program.runJs}\n`, mode: 0o644}]
}

/** The bundle as a marketplace that Codex can add. */
export function asMarketplace(name: string, bundle: readonly BundleFile[]): BundleFile[] {
  const manifest = marketplaceManifest(name)
  return [
    {path: manifest.path, data: manifest.text, mode: 0o644},
    {path: MARKETPLACE_MARK, data: 'Written by tunnel-client codex plugin install.\n', mode: 0o644},
    ...bundle.map((file) => ({...file, path: `plugins/${PLUGIN_NAME}/${file.path}`})),
  ]
}

/**
 * Writes files into a folder, each whole or not at all, so that the folder is never missing for Codex.
 * @param options.prune removes what is not among them.
 * @throws TunnelError `TC-CODEX-WRITE`
 */
export async function writeBundle(options: {
  readonly folder: string
  readonly files: readonly BundleFile[]
  readonly prune: boolean
}): Promise<void> {
  const {folder, files, prune} = options
  await makeFolder(folder)
  try {
    for (const {path, data, mode} of files) {
      await writeFileAtomic({path: join(folder, path), data, mode, parentMode: 0o755})
    }
    if (prune) await removeOthers(folder, new Set(files.map(({path}) => path)))
  } catch (thrown) {
    throw new TunnelError('TC-CODEX-WRITE', `write the plugin to ${folder}: ${messageOf(thrown)}`, {cause: thrown})
  }
}

async function removeOthers(folder: string, keep: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(folder, {recursive: true, withFileTypes: true})) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isDirectory() && !keep.has(relative(folder, path).split(sep).join('/'))) {
      await rm(path, {force: true})
      await removeEmpty([dirname(path)])
    }
  }
}

function withVersion(template: string | Buffer, version: string): string {
  return `${JSON.stringify({...JSON.parse(template.toString()), version}, null, 2)}\n`
}

function withServer(
  template: string | Buffer,
  {program, variables: {names, values}, stateRoot}: Parameters<typeof renderBundle>[0],
): string {
  const document = JSON.parse(template.toString()) as {mcpServers: Record<string, object>}
  const server = {
    ...document.mcpServers[SERVER_NAME],
    cwd: stateRoot,
    ...launchCommand(program),
    env: values,
    env_vars: names,
    ...TIMEOUTS,
  }
  return `${JSON.stringify({...document, mcpServers: {...document.mcpServers, [SERVER_NAME]: server}}, null, 2)}\n`
}
