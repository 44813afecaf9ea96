// Turns layers into the typed configuration, in the reference's order, and reports every problem at once.

import {resolve} from 'node:path'
import {goQuote, isTunnelError} from '../../errors/index.ts'
import {type ReadFile, readWholeFile} from '../../platform/index.ts'
import {confinedProfile} from '../file/confined-profile.ts'
import type {FileValues} from '../file/file-value.ts'
import {checkKeyOwner} from '../file/key-owner.ts'
import {readYaml} from '../file/read-yaml.ts'
import {resolveConfigSource} from '../file/source.ts'
import {createLayers, type Layers} from '../layers.ts'
import type {LoadInput} from '../load.ts'
import {type Problem, type ProblemList, problemList} from '../problems.ts'
import {CONFIG_ROWS} from '../rows/index.ts'
import {REFUSED_KEYS} from '../rows/refused.ts'
import type {ConfigSource, Origin, TunnelConfig} from '../types.ts'
import {readCaBundle} from '../values/certificates.ts'
import {parseBoolean} from '../values/go-text.ts'
import {type Context, createContext, pathOf} from './context.ts'
import {assembleControlPlane} from './control-plane.ts'
import {assembleMcp, type McpPart} from './mcp.ts'
import {assembleAdminUi, assembleHealth, assembleLog, assembleProcess} from './operator.ts'

/** See `loadConfig`. */
export async function assembleConfig(input: LoadInput): Promise<TunnelConfig> {
  const problems = problemList()
  const {source, file} = await loadFile(input, problems)
  const {cwd, served = []} = input
  return await assembleLayers({layers: createLayers(input, file), source, problems, cwd, served})
}

/** What has been collected, before it has a meaning. */
export interface Collected {
  readonly layers: Layers
  readonly source: ConfigSource
  readonly problems: ProblemList
  readonly cwd: string
  /** Channels that need no entry. */
  readonly served?: readonly string[]
}

const KEY_VARIABLES = ['CONTROL_PLANE_API_KEY', 'OPENAI_ADMIN_KEY']

/** Gives the layers their meaning. @throws TunnelError `TC-CONFIG-INVALID` with everything in `problems`. */
export async function assembleLayers({layers, source, problems, cwd, served = []}: Collected): Promise<TunnelConfig> {
  const context = createContext(layers, problems, cwd)
  const caBundle = await assembleTrust(context)
  refuseForeign(context)
  const controlPlane = await assembleControlPlane(context)
  const mcp = await assembleMcp(context)
  const log = assembleLog(context)
  const health = await assembleHealth(context)
  const process = assembleProcess(context)
  checkChannels(context, {polled: controlPlane.config.pollChannels, mcp, elsewhere: served})
  const adminUi = assembleAdminUi(context)
  problems.throwIfAny()
  const secretVariables = [
    ...KEY_VARIABLES,
    ...CONFIG_ROWS.filter(({kind}) => kind === 'headers').flatMap(({env}) => env),
    ...toList(controlPlane.keyVariable),
    ...context.secretVariables,
  ]
  return {
    controlPlane: controlPlane.config,
    mcp: mcp.config,
    log,
    health,
    adminUi,
    process,
    trust: {caBundle},
    source,
    secretVariables: [...new Set(secretVariables)],
    origin: (key) => layers.origin(key),
  }
}

const toList = (value: string | null): string[] => (value === null ? [] : [value])

async function loadFile(
  input: LoadInput,
  problems: ProblemList,
): Promise<{readonly source: ConfigSource; readonly file: FileValues}> {
  const nothing = (path: string, complete: boolean): FileValues => ({path, values: new Map(), complete})
  let source: ConfigSource
  try {
    source = resolveConfigSource(input)
  } catch (thrown) {
    if (!isTunnelError(thrown)) throw thrown
    problems.add({code: 'TC-CONFIG-SOURCE', message: thrown.message})
    return {source: {kind: 'none'}, file: nothing('', false)}
  }
  if (source.kind === 'none') return {source, file: nothing('', true)}
  const {path} = source
  const add = (problem: Problem): void => problems.add(problem)
  const read = await readSource(source, input.cwd)
  if (read.ok) {
    const file = await readYaml({path, data: read.data, report: add})
    await checkKeyOwner({file, cwd: input.cwd, report: add})
    return {source, file}
  }
  const next = source.kind === 'profile' ? {next: ['See which there are: tunnel-client profiles list']} : {}
  add({code: 'TC-CONFIG-FILE-UNREADABLE', message: `read config file ${path}: ${read.problem}`, ...next})
  return {source, file: nothing(path, false)}
}

/** A named profile stays in its folder; files that are named by path may be anywhere. */
async function readSource(source: Exclude<ConfigSource, {kind: 'none'}>, cwd: string): Promise<ReadFile> {
  if (source.kind !== 'profile') return await readWholeFile(source.path, cwd)
  const confined = await confinedProfile(resolve(cwd, source.dir), resolve(cwd, source.path))
  return confined.ok ? await readWholeFile(source.path, cwd) : confined
}

/** The certificates to trust in addition. What cannot be read is reported. */
export async function assembleTrust(context: Context): Promise<TunnelConfig['trust']['caBundle']> {
  const path = pathOf(context, 'ca_bundle')
  if (path === '' || path === null) return null
  const bundle = await readCaBundle(context.host, path)
  if (bundle.ok) return bundle.value
  const message = `invalid ca-bundle ${goQuote(path)}: ${bundle.problem}`
  context.report('TC-CONFIG-CA-BUNDLE', message, context.layers.origin('ca_bundle'))
  return null
}

/** Settings without a row must not look as if they worked. */
function refuseForeign(context: Context): void {
  const {layers} = context
  const {file} = layers
  for (const {key, flag, env, accepts, says} of REFUSED_KEYS) {
    if (accepts === 'any') continue
    const isOff = (text: string): boolean => {
      const read = parseBoolean(text)
      return accepts === 'off' && read.ok && !read.value
    }
    const harmless = (text: string): boolean => text === '' || isOff(text)
    const refuse = (name: string, origin: Origin): void =>
      context.report('TC-CONFIG-UNSUPPORTED', `${name} ${says}`, origin)
    const given = layers.flag(flag)
    const variable = layers.variable(env)
    const value = file.values.get(key)
    if (given !== undefined) {
      if (!harmless(given)) refuse(`--${flag}`, {layer: 'flag', name: flag})
    } else if (variable !== undefined) {
      if (!harmless(variable)) refuse(env, {layer: 'env', name: env})
    } else if (value?.shape === 'foreign' && !value.empty && !isOff(value.text)) {
      refuse(`parse config file ${file.path}: ${key}`, {layer: 'file', path: file.path, line: value.line})
    }
  }
}

/** Every channel that is polled needs somebody who serves it. */
function checkChannels(
  context: Context,
  {
    polled,
    mcp: {config, intact},
    elsewhere,
  }: {readonly polled: readonly string[] | null; readonly mcp: McpPart; readonly elsewhere: readonly string[]},
): void {
  const served = (channel: string): boolean =>
    elsewhere.includes(channel) || config.bindings.some((binding) => binding.channel === channel)
  const origin = context.layers.origin('control_plane.poll_channels')
  if (!intact) return
  if (polled === null) {
    if (served('main') || origin.layer !== 'default') return
    const remedy =
      config.bindings.length > 0
        ? 'add channel=main to one --mcp.server-url or --mcp.command entry'
        : 'set --mcp.server-url or --mcp.command, or MCP_SERVER_URL or MCP_COMMAND'
    context.report('TC-CONFIG-MAIN-CHANNEL-MISSING', `main channel is required; ${remedy}`)
    return
  }
  const refuse = (rest: string): void => {
    context.report('TC-CONFIG-POLL-CHANNEL', `control-plane.poll-channel ${rest}`, origin)
  }
  for (const channel of polled) {
    if (channel === 'main' && !served(channel)) refuse('main has no local MCP handler')
    else if (channel === 'harpoon' && !polled.includes('main')) refuse('harpoon has no routable target')
    else if (channel !== 'main' && channel !== 'harpoon' && !served(channel)) {
      refuse(`${goQuote(channel)} has no local handler`)
    }
  }
}
