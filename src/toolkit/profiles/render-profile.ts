// A sample's text with values put in. Every value becomes a double-quoted YAML string, so that none can change the structure.

import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {TunnelError} from '../../foundation/errors/index.ts'
import {parseListenAddr} from '../../foundation/platform/index.ts'
import {findSample, type ProfileSample, type TargetKind} from './samples.ts'

/** What goes into a profile. Blank texts count as not given; exactly one MCP server is needed. */
export interface ProfileValues {
  readonly tunnelId: string
  readonly mcpServerUrl?: string | undefined
  readonly mcpCommand?: string | undefined
  /** Default: the public service. */
  readonly controlPlaneBaseUrl?: string | undefined
  readonly controlPlaneUrlPath?: string | undefined
  /** `env:NAME` or `file:PATH`. */
  readonly apiKeyRef?: string | undefined
  /** `host:port`. */
  readonly healthListenAddr?: string | undefined
  readonly openBrowser?: boolean | undefined
}

/** What {@link renderProfile} needs. */
export interface RenderProfile {
  /** The package's `templates` folder. */
  readonly templates: string
  /** Name of a sample. */
  readonly sample: string
  readonly values: ProfileValues
}

/** Values where nothing is given: the reference's. */
export const PROFILE_DEFAULTS = {
  baseUrl: 'https://api.openai.com',
  apiKeyRef: 'env:CONTROL_PLANE_API_KEY',
  listenAddr: '127.0.0.1:8080',
} as const
const FLAGS: Readonly<Record<TargetKind, string>> = {server_url: '--mcp-server-url', command: '--mcp-command'}

/** The YAML of a profile. @throws TunnelError `TC-PROFILE-SAMPLE` for an unknown sample or values that do not fit it. */
export async function renderProfile({templates, sample: name, values}: RenderProfile): Promise<string> {
  const sample = findSample(name)
  const texts = textsOf(values)
  checkTarget(sample, texts)
  checkKeyReference(texts.get('api_key')!)
  checkListenAddr(texts.get('listen_addr')!)
  const template = await readFile(join(templates, 'profiles', `${sample.name}.yaml`), 'utf8')
  return fillIn(template, texts)
}

function textsOf(values: ProfileValues): ReadonlyMap<string, string> {
  const given: readonly (readonly [string, string | undefined])[] = [
    ['base_url', values.controlPlaneBaseUrl?.trim() || PROFILE_DEFAULTS.baseUrl],
    ['url_path', values.controlPlaneUrlPath?.trim()],
    ['tunnel_id', values.tunnelId.trim()],
    ['api_key', values.apiKeyRef?.trim() || PROFILE_DEFAULTS.apiKeyRef],
    ['listen_addr', values.healthListenAddr?.trim() || PROFILE_DEFAULTS.listenAddr],
    ['open_browser', String(values.openBrowser ?? false)],
    ['server_url', values.mcpServerUrl?.trim()],
    ['command', values.mcpCommand?.trim()],
  ]
  return new Map(given.flatMap(([name, text]) => (text === undefined || text === '' ? [] : [[name, text]])))
}

function checkTarget({name, targets}: ProfileSample, texts: ReadonlyMap<string, string>): void {
  const given = (Object.keys(FLAGS) as TargetKind[]).filter((kind) => texts.has(kind))
  const wanted = targets.map((kind) => FLAGS[kind])
  const needs = wanted.length === 1 ? wanted[0] : `exactly one of ${wanted.join(' or ')}`
  const foreign = given.find((kind) => !targets.includes(kind))
  const next = {next: [`See what it takes: tunnel-client profiles samples show ${name}`]}
  if (foreign !== undefined) {
    throw new TunnelError('TC-PROFILE-SAMPLE', `${name} requires ${needs} and has no use for ${FLAGS[foreign]}`, next)
  }
  if (given.length !== 1) throw new TunnelError('TC-PROFILE-SAMPLE', `${name} requires ${needs}`, next)
}

/** The value is not shown: it may be the key itself. */
function checkKeyReference(text: string): void {
  const [, form, rest] = /^(env|file):(.*)$/is.exec(text) ?? []
  const problem =
    form === undefined
      ? 'use env:VARNAME or file:/path/to/key'
      : rest!.trim() !== ''
        ? null
        : form.toLowerCase() === 'env'
          ? 'environment variable name is required'
          : 'file path is required'
  if (problem === null) return
  throw new TunnelError('TC-PROFILE-SAMPLE', `invalid control plane API key reference: ${problem}`, {
    next: ['Export the key and name the variable: --control-plane-api-key-ref env:CONTROL_PLANE_API_KEY'],
  })
}

function checkListenAddr(text: string): void {
  if (/^(?:env|file):/i.test(text) || parseListenAddr(text) !== null) return
  throw new TunnelError(
    'TC-PROFILE-SAMPLE',
    `invalid health listen address ${JSON.stringify(text)}: expected host:port`,
    {next: [`For example --health-listen-addr ${PROFILE_DEFAULTS.listenAddr}, or 127.0.0.1:0 for a free port`]},
  )
}

/**
 * `{{name}}` is a quoted value (a boolean stays bare). What stands between the lines `{{#name}}` and `{{/name}}` stays only
 * where the name has a value.
 */
function fillIn(template: string, texts: ReadonlyMap<string, string>): string {
  let section: string | null = null
  const kept = template.split('\n').filter((line) => {
    const [, mark, name = ''] = /^ *\{\{([#/])(\w+)\}\}$/.exec(line) ?? []
    if (mark === undefined) return section === null || texts.has(section)
    section = mark === '#' ? name : null
    return false
  })
  return kept.join('\n').replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const text = texts.get(name)!
    return name === 'open_browser' ? text : JSON.stringify(text)
  })
}
