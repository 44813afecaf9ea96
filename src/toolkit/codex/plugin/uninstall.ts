// Removes the plugin and puts config.toml back. The folder that Codex reads the marketplace from goes last: a marketplace
// without its folder breaks every `codex plugin` command.

import {dirname} from 'node:path'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {pluginKey} from '../codex-home.ts'
import {readState, textOf, writeState} from '../config/config-file.ts'
import {readCodexConfig} from '../config/read-config.ts'
import type {CodexProgram} from '../program/codex-program.ts'
import {alone, codexOf, type PluginContext, type PluginTarget, pluginContext} from './context.ts'
import {exists, removeEmpty, removeEmptyHome, removeTree} from './folders.ts'
import {isOurs} from './marketplace.ts'
import {checkGone, configWithoutUs, undoUnfinished} from './undo.ts'

/** What was removed. */
export interface UninstallReport {
  readonly plugin_key: string
  readonly marketplace: string
  readonly codex_home: string
  readonly plugin_dir: string
  readonly config_path: string
  readonly removed_plugin_dir: boolean
  readonly removed_config: boolean
  /** False: there was nothing to remove. */
  readonly was_installed: boolean
  /** Marketplaces of this home that the plugin is still enabled from. */
  readonly other_marketplaces: readonly string[]
}

/**
 * Removes what an install left, ours or the reference's. Nothing there is fine.
 * @throws TunnelError `TC-CODEX-CONFIG` when config.toml cannot be edited, `TC-CODEX-WRITE`
 */
export async function uninstallPlugin(target: PluginTarget): Promise<UninstallReport> {
  const context = pluginContext(target)
  if (!(await exists(context.home.path)) && (await recordOf(context)) === null) return report(context, {})
  return alone(context, () => uninstall(context))
}

async function uninstall(context: PluginContext): Promise<UninstallReport> {
  const {home, marketplace, records, source, installed} = context
  const unfinished = await recordOf(context)
  if (unfinished !== null) await undoUnfinished(context, unfinished)
  const record = await recordOf(context)
  const before = await readState(home.configFile)
  const config = await readCodexConfig(textOf(before))
  if (config.problem !== null) {
    throw new TunnelError('TC-CODEX-CONFIG', `${home.configFile} is no valid TOML: ${config.problem}`)
  }
  const configured = config.marketplaces.find(({name}) => name === marketplace)
  const withMarketplace = configured !== undefined && (await isOurs(configured, source))
  const mentioned = config.mentionedFrom.includes(marketplace)
  const removedFolder = await exists(installed)

  const codex = mentioned || withMarketplace ? await codexOf(context) : null
  if (codex !== null) await forget(codex, {marketplace, mentioned, withMarketplace})
  context.signal?.throwIfAborted()
  // Codex writes the file in its own manner; we put back the bytes that were there.
  const wanted = await configWithoutUs(context, {now: before, record, ours: {marketplace, withMarketplace}})
  if (wanted !== null && (mentioned || withMarketplace || record !== null)) await writeState(home.configFile, wanted)
  await checkGone(context)
  await removeTree(installed)
  await removeEmpty([dirname(installed)])
  if (record?.installed?.homeExisted === false) await removeEmptyHome(home)
  if (record !== null) await records.remove(record)
  const left = (await records.all()).filter((other) => other.source === source)
  if (left.length === 0 && (withMarketplace || record !== null)) {
    await removeTree(source)
    await removeEmpty([dirname(source)])
  }
  const after = await readCodexConfig(textOf(await readState(home.configFile)))
  return report(context, {
    removedFolder,
    removedConfig: mentioned || withMarketplace,
    others: after.mentionedFrom,
  })
}

const recordOf = ({records, home, marketplace}: PluginContext) => records.read(home, marketplace)

/** Codex's own way. A Codex that refuses is no obstacle: its file and its cache are cleaned up behind it. */
async function forget(
  codex: CodexProgram,
  had: {readonly marketplace: string; readonly mentioned: boolean; readonly withMarketplace: boolean},
): Promise<void> {
  if (had.mentioned) await codex.json(['plugin', 'remove', pluginKey(had.marketplace)]).catch(() => {})
  if (had.withMarketplace) await codex.json(['plugin', 'marketplace', 'remove', had.marketplace]).catch(() => {})
}

function report(
  {home, marketplace, installed}: PluginContext,
  done: {
    readonly removedFolder?: boolean
    readonly removedConfig?: boolean
    readonly others?: readonly string[]
  },
): UninstallReport {
  const {removedFolder = false, removedConfig = false, others = []} = done
  return {
    plugin_key: pluginKey(marketplace),
    marketplace,
    codex_home: home.path,
    plugin_dir: installed,
    config_path: home.configFile,
    removed_plugin_dir: removedFolder,
    removed_config: removedConfig,
    was_installed: removedFolder || removedConfig,
    other_marketplaces: others,
  }
}
