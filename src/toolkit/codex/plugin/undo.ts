// Takes an install back: one that failed, one that was cut off, or one that somebody wants to be rid of.

import {dirname} from 'node:path'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {pluginKey} from '../codex-home.ts'
import {type FileState, isSame, readState, textOf, writeState} from '../config/config-file.ts'
import {type OurTables, sameButOurs, withoutOurTables} from '../config/edit-config.ts'
import {readCodexConfig} from '../config/read-config.ts'
import type {PluginContext} from './context.ts'
import {removeEmpty, removeEmptyHome, removeTree} from './folders.ts'
import type {PluginRecord} from './record.ts'

/** Undoes an install that did not come to its end, and forgets it. The installs before it stay. */
export async function undoUnfinished(context: PluginContext, record: PluginRecord): Promise<void> {
  const {home, marketplace, records, installed, source} = context
  const {underWay} = record
  if (underWay === null) return
  const ours: OurTables = {marketplace, withMarketplace: record.source !== null}
  const bytes = await records.saved(record, 'before')
  const before: FileState = {bytes: underWay.config.existed ? bytes : null, mode: underWay.config.mode}
  const now = await readState(home.configFile)
  if (isSame(before, underWay.config) && (await sameButOurs(textOf(now), textOf(before), ours))) {
    await writeState(home.configFile, before)
  } else if (record.installed === null) {
    // Somebody else changed the file meanwhile: take out only what is ours.
    const text = await withoutOurTables(textOf(now), ours)
    if (text !== null) await writeState(home.configFile, {bytes: Buffer.from(text), mode: now.mode})
  }
  if (!underWay.installedExisted) await removeTree(installed)
  if (!underWay.sourceExisted && record.source !== null) await removeTree(source)
  await removeEmpty([dirname(installed), dirname(source)])
  if (!underWay.homeExisted) await removeEmptyHome(home)
  await records.unsave(record, 'before')
  if (record.installed === null) await records.remove(record)
  else await records.write({...record, underWay: null})
}

/**
 * What config.toml has to become so that nothing of ours is left: the saved original when the file is what the install
 * left, else the file without our tables. Null when that cannot be done line by line.
 */
export async function configWithoutUs(
  context: PluginContext,
  options: {readonly now: FileState; readonly record: PluginRecord | null; readonly ours: OurTables},
): Promise<FileState | null> {
  const {now, record, ours} = options
  const installed = record?.installed ?? null
  if (installed !== null && record !== null) {
    const {original, left} = installed
    const mode = now.mode === left.mode ? original.mode : now.mode
    if (isSame(now, left)) {
      const bytes = original.existed ? await context.records.saved(record, 'original') : null
      if (isSame({bytes, mode}, original)) return {bytes, mode}
    }
    const rest = await without(now, ours)
    if (rest === null) return null
    const nothing = rest.bytes === null || rest.bytes.toString().trim() === ''
    return nothing && !original.existed ? {bytes: null, mode: 0} : {...rest, mode: original.existed ? mode : now.mode}
  }
  return without(now, ours)
}

/** @throws TunnelError `TC-CODEX-CONFIG` when our plugin is still in the file. */
export async function checkGone(context: PluginContext): Promise<void> {
  const {home, marketplace} = context
  const config = await readCodexConfig(textOf(await readState(home.configFile)))
  if (config.problem === null && !config.mentionedFrom.includes(marketplace)) return
  throw new TunnelError(
    'TC-CODEX-CONFIG',
    config.problem === null
      ? `${home.configFile} mentions ${pluginKey(marketplace)} in a form that is not edited here`
      : `${home.configFile} is no valid TOML: ${config.problem}`,
    {next: [`Take out what it says of plugins."${pluginKey(marketplace)}", then run the command again`]},
  )
}

async function without(now: FileState, ours: OurTables): Promise<FileState | null> {
  if (now.bytes === null) return now
  const text = await withoutOurTables(textOf(now), ours)
  return text === null ? null : {bytes: Buffer.from(text), mode: now.mode}
}
