// Installs the plugin. With Codex on the machine: as a marketplace of our own, by Codex's own commands. Without it: the
// reference's layout, which Codex finds when it comes. Either all of it, or nothing.

import {join} from 'node:path'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {pluginKey} from '../codex-home.ts'
import {type FileState, isSame, markOf, readState, textOf, writeState} from '../config/config-file.ts'
import {type OurTables, withOurPlugin, withoutOurTables} from '../config/edit-config.ts'
import {type CodexConfig, readCodexConfig} from '../config/read-config.ts'
import {switchAdvice, switchedOff, switchProblem} from '../config/switched-off.ts'
import type {CodexProgram} from '../program/codex-program.ts'
import {asMarketplace, type BundleFile, type PluginProgram, renderBundle, writeBundle} from './bundle.ts'
import {alone, codexOf, type PluginContext, type PluginTarget, pluginContext} from './context.ts'
import {exists, makeFolder, removeEmpty} from './folders.ts'
import {foundInHome, isOurs, listedMarketplaces, takenBy} from './marketplace.ts'
import type {Installed, PluginRecord} from './record.ts'
import {undoUnfinished} from './undo.ts'
import {pluginVariables, readPassEnv, type VariablesInput} from './variables.ts'

/** What to install, and where. */
export interface InstallOptions extends PluginTarget {
  readonly program: PluginProgram
  /** Folder of the package's `templates/codex-plugin`. */
  readonly templates: string
  readonly stateRoot: VariablesInput['stateRoot']
  readonly profileDir: VariablesInput['profileDir']
  /** `--pass-env`, as given. */
  readonly passEnv: readonly string[]
}

/** What was installed. */
export interface InstallReport {
  readonly plugin_key: string
  readonly marketplace: string
  /** `codex`: by Codex's own commands. `local`: without it. */
  readonly layout: 'codex' | 'local'
  readonly plugin_dir: string
  readonly plugin_version: string
  /** Null in the local layout. */
  readonly marketplace_dir: string | null
  readonly codex_home: string
  readonly config_path: string
  readonly plugin_binary_hint: string
  readonly plugin_binary_hint_path: string
  /** Names of the variables that Codex hands to the plugin. */
  readonly env_vars: readonly string[]
}

/**
 * Installs or refreshes the plugin. Running it again changes nothing but what is new; when it fails or is interrupted,
 * config.toml and the folders are as before.
 * @throws TunnelError `TC-CLI-USAGE`, `TC-CODEX-CONFIG`, `TC-CODEX-MARKETPLACE-TAKEN`, `TC-CODEX-REFUSED`,
 * `TC-CODEX-SWITCHED-OFF`, `TC-CODEX-WRITE`
 */
export async function installPlugin(options: InstallOptions): Promise<InstallReport> {
  const passEnv = readPassEnv(options.passEnv)
  const context = pluginContext(options)
  return alone(context, async () => {
    const earlier = await context.records.read(context.home, context.marketplace)
    if (earlier !== null) await undoUnfinished(context, earlier)
    const record = await context.records.read(context.home, context.marketplace)
    const names = [...new Set([...(record?.installed?.passEnv ?? []), ...passEnv])]
    const variables = await pluginVariables({...options, passEnv: names})
    const bundle = await renderBundle({...options, variables})
    const before = await readState(context.home.configFile)
    const config = await usableConfig(context, before)
    await checkSwitches(context, before)
    const codex = await codexOf(context)
    const plan: Plan = {context, options, codex, bundle, before, config, record, passEnv: names}
    await checkFree(plan)
    const report = await installOrUndo(plan)
    return {...report, env_vars: variables.names}
  })
}

interface Plan {
  readonly context: PluginContext
  readonly options: InstallOptions
  /** Null without Codex. */
  readonly codex: CodexProgram | null
  readonly bundle: readonly BundleFile[]
  readonly before: FileState
  readonly config: CodexConfig
  /** Of an earlier install into the same place. */
  readonly record: PluginRecord | null
  readonly passEnv: readonly string[]
}

async function usableConfig({home}: PluginContext, before: FileState): Promise<CodexConfig> {
  const config = await readCodexConfig(textOf(before))
  if (config.problem === null) return config
  throw new TunnelError('TC-CODEX-CONFIG', `${home.configFile} is no valid TOML: ${config.problem}`)
}

/** Codex with plugins switched off answers `plugin add` with "not found". */
async function checkSwitches({home, marketplace}: PluginContext, before: FileState): Promise<void> {
  const [off] = await switchedOff(textOf(before), marketplace)
  if (off === undefined) return
  throw new TunnelError('TC-CODEX-SWITCHED-OFF', switchProblem(off, home.configFile), {
    next: [switchAdvice(off, home.configFile)],
  })
}

/** Codex replaces a marketplace of the same name without a word; we do not. */
async function checkFree({context, config}: Plan): Promise<void> {
  const {marketplace, source, env} = context
  const configured = config.marketplaces.find(({name}) => name === marketplace)
  if (configured !== undefined && !(await isOurs(configured, source))) throw takenBy(marketplace, configured.source)
  const found = await foundInHome(env.HOME, marketplace)
  if (found !== null) throw takenBy(marketplace, found)
}

async function installOrUndo(plan: Plan): Promise<Omit<InstallReport, 'env_vars'>> {
  const {context, before, codex, record} = plan
  const {home, records, installed, source} = context
  const unfinished: PluginRecord = {
    schemaVersion: 1,
    codexHome: home.path,
    marketplace: context.marketplace,
    source: codex === null ? (record?.source ?? null) : source,
    installed: record?.installed ?? null,
    underWay: {
      config: markOf(before),
      homeExisted: await exists(home.path),
      installedExisted: await exists(installed),
      sourceExisted: await exists(source),
    },
  }
  await records.save(unfinished, 'before', before)
  await records.write(unfinished)
  let made: readonly string[] = []
  try {
    made = [...(await makeFolder(home.path)), ...(await makeFolder(plan.options.stateRoot))]
    const folder = codex === null ? await installLocally(plan) : await installByCodex(plan, codex)
    context.signal?.throwIfAborted()
    return await finish(plan, unfinished, folder)
  } catch (thrown) {
    await undoUnfinished(context, unfinished).catch((again) => {
      throw new TunnelError('TC-CODEX-WRITE', `${messageOf(thrown)}; taking it back failed, too: ${messageOf(again)}`, {
        next: ['Run tunnel-client codex plugin uninstall'],
        cause: thrown,
      })
    })
    await removeEmpty(made)
    throw thrown
  }
}

async function installByCodex(plan: Plan, codex: CodexProgram): Promise<string> {
  const {context, bundle} = plan
  const {marketplace, source} = context
  const add = ['plugin', 'marketplace', 'add', source]
  // First: while a configured marketplace has no folder, Codex fails at every `plugin` command but `marketplace add`.
  await writeBundle({folder: source, files: asMarketplace(marketplace, bundle), prune: true})
  if (plan.config.marketplaces.some(({name}) => name === marketplace)) await codex.json(add)
  const listed = listedMarketplaces(await codex.json(['plugin', 'marketplace', 'list']))
  const taken = listed.find(({name}) => name === marketplace)
  if (taken !== undefined && !(await isOurs({sourceType: 'local', source: taken.root}, source))) {
    throw takenBy(marketplace, taken.root)
  }
  await codex.json(add)
  const added = await codex.json(['plugin', 'add', pluginKey(marketplace)])
  const folder = (added as {installedPath?: unknown} | null)?.installedPath
  if (typeof folder === 'string') return folder
  throw new TunnelError('TC-CODEX-REFUSED', `codex plugin add ${pluginKey(marketplace)} did not say where it installed`)
}

async function installLocally({context, bundle, before}: Plan): Promise<string> {
  const {marketplace, home, installed} = context
  const text = await withOurPlugin(textOf(before), marketplace)
  if (text === null) {
    throw new TunnelError(
      'TC-CODEX-CONFIG',
      `${home.configFile} mentions ${pluginKey(marketplace)} in a form that is not edited here`,
      {next: [`Set plugins."${pluginKey(marketplace)}".enabled = true there, then run the command again`]},
    )
  }
  const folder = join(installed, 'local')
  await writeBundle({folder, files: bundle, prune: true})
  await writeState(home.configFile, {bytes: Buffer.from(text), mode: before.mode || 0o644})
  return folder
}

async function finish(plan: Plan, unfinished: PluginRecord, folder: string): Promise<Omit<InstallReport, 'env_vars'>> {
  const {context, options, codex, before, record, passEnv} = plan
  const {home, marketplace, records} = context
  const after = await readState(home.configFile)
  const {enabledFrom} = await readCodexConfig(textOf(after))
  const hint = join(folder, '.tunnel-client-bin')
  if (!enabledFrom.includes(marketplace) || !(await exists(hint))) {
    throw new TunnelError(
      'TC-CODEX-REFUSED',
      `Codex did not take ${pluginKey(marketplace)}, though it reported success`,
    )
  }
  const untouched = record?.installed != null && isSame(before, record.installed.left)
  const ours: OurTables = {marketplace, withMarketplace: unfinished.source !== null}
  const original = untouched ? null : await originalOf(before, ours)
  if (original !== null) await records.save(unfinished, 'original', original)
  const installed: Installed = {
    layout: codex === null ? 'local' : 'codex',
    original: original === null ? record!.installed!.original : markOf(original),
    left: markOf(after),
    homeExisted: record?.installed?.homeExisted ?? unfinished.underWay!.homeExisted,
    passEnv,
    version: options.program.version,
  }
  await records.write({...unfinished, installed, underWay: null})
  await records.unsave(unfinished, 'before')
  return {
    plugin_key: pluginKey(marketplace),
    marketplace,
    layout: installed.layout,
    plugin_dir: folder,
    plugin_version: options.program.version,
    marketplace_dir: unfinished.source,
    codex_home: home.path,
    config_path: home.configFile,
    plugin_binary_hint: options.program.runJs,
    plugin_binary_hint_path: hint,
  }
}

/** What uninstall is to put back: the file as it was, and without what an earlier install of anybody left in it. */
async function originalOf(before: FileState, ours: OurTables): Promise<FileState> {
  if (before.bytes === null) return before
  const text = await withoutOurTables(textOf(before), ours)
  return text === null || text === textOf(before) ? before : {bytes: Buffer.from(text), mode: before.mode}
}
