// A tool call as a command line. Everything is checked before a process is started: what stands in a command line can be
// seen by every user of the machine.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {rejectInlineSecret} from '../../runtimes/index.ts'
import {TOOLS, type ToolName} from './tools.ts'

/** Arguments of a call, as they came. */
export type ToolArguments = Readonly<Record<string, unknown>>

const ALIAS = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
const MAX_COMMAND = 4096
const OPENAI_ORIGINS = ['https://api.openai.com', 'https://mtls.api.openai.com']

type Env = Readonly<Record<string, string | undefined>>

const wrong = (message: string): TunnelError => new TunnelError('TC-CLI-USAGE', message)

/** Checks names and types of the arguments. @throws TunnelError `TC-CLI-USAGE` */
export function checkArguments(name: ToolName, args: ToolArguments): void {
  const {properties, required = []} = TOOLS.find((tool) => tool.name === name)!.inputSchema
  for (const [key, value] of Object.entries(args)) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined
    if (property === undefined) throw wrong(`unknown argument: ${key}`)
    if (value !== null && typeof value !== property.type) throw wrong(`${key} must be a ${property.type}`)
  }
  const missing = required.find((key) => textOf(args, key) === '')
  if (missing !== undefined) throw wrong(`${missing} is required`)
  const alias = textOf(args, 'alias')
  if (alias !== '' && !ALIAS.test(alias)) {
    throw wrong("alias must start with a letter or number and contain only letters, numbers, '.', '_', or '-'")
  }
  checkBaseUrlShape(textOf(args, 'control_plane_base_url'))
}

/** Words behind `tunnel-client` for a call. @throws TunnelError `TC-CLI-USAGE`, `TC-RUNTIME-TARGET` */
export function commandLine(
  name: Exclude<ToolName, 'install_or_select_tunnel_client'>,
  args: ToolArguments,
  env: Env,
): string[] {
  checkArguments(name, args)
  checkBaseUrl(textOf(args, 'control_plane_base_url'), env)
  const alias = textOf(args, 'alias')
  switch (name) {
    case 'create_tunnel_runtime':
      checkScope('create_tunnel_runtime', args, ['organization_id', 'workspace_id'])
      return ['runtimes', 'create', ...flags(args, ['alias', ...CREATE]), '--json']
    case 'connect_stdio_mcp':
      checkScope('connect_stdio_mcp', args, ['organization_id', 'workspace_id', 'tunnel_id'])
      checkCommand(textOf(args, 'mcp_command'))
      checkKey(textOf(args, 'runtime_api_key'), env)
      return [
        'runtimes',
        'connect',
        ...flags(args, ['alias', 'mcp_command', 'tunnel_id', ...CREATE, 'runtime_api_key']),
        '--json',
      ]
    case 'list_runtime_aliases':
      if (given(args, ['organization_id', 'workspace_id', 'tenant_id']).length > 1) {
        throw wrong('list_runtime_aliases accepts at most one of organization_id, workspace_id, or tenant_id')
      }
      return ['runtimes', 'list', ...flags(args, ['organization_id', 'workspace_id', 'tenant_id', ...ADMIN]), '--json']
    case 'runtime_status':
      return ['runtimes', 'status', alias, '--json']
    case 'stop_runtime':
      return ['runtimes', 'stop', alias, '--json']
  }
}

const ADMIN = ['admin_profile', 'control_plane_base_url', 'control_plane_url_path']
const CREATE = ['organization_id', 'workspace_id', ...ADMIN, 'name', 'description']

/** A trimmed text argument; empty when it is not there. */
export const textOf = (args: ToolArguments, key: string): string => {
  const value = args[key]
  return typeof value === 'string' ? value.trim() : ''
}

/** `--name=value`, so that a value that begins with a hyphen is one. */
function flags(args: ToolArguments, names: readonly string[]): string[] {
  return given(args, names).map((name) => `--${name.replaceAll('_', '-')}=${textOf(args, name)}`)
}

const given = (args: ToolArguments, names: readonly string[]): string[] =>
  names.filter((name) => textOf(args, name) !== '')

function checkScope(command: string, args: ToolArguments, names: readonly string[]): void {
  if (given(args, names).length === 1) return
  const options = names.length === 2 ? names.join(' or ') : `${names.slice(0, -1).join(', ')}, or ${names.at(-1)}`
  throw wrong(`${command} requires exactly one of ${options}`)
}

function checkCommand(command: string): void {
  if (command.length > MAX_COMMAND) throw wrong(`mcp_command must be at most ${MAX_COMMAND} characters`)
  rejectInlineSecret(command, 'mcp_command')
}

/** A reference, and one that leads somewhere: a variable that Codex keeps to itself is the usual mistake. */
function checkKey(reference: string, env: Env): void {
  const problem = 'runtime_api_key must be a secret reference such as env:NAME or file:/path'
  if (reference !== '') {
    if (!/^(env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*)$/.test(reference)) throw wrong(problem)
    rejectInlineSecret(reference, 'runtime_api_key')
  }
  const name = reference === '' ? 'CONTROL_PLANE_API_KEY' : /^env:(.*)$/.exec(reference)?.[1]
  if (name !== undefined && (env[name] ?? '').trim() === '') throw missingVariable(name)
}

/** What to say of a variable that did not reach the plugin. */
export function missingVariable(name: string): TunnelError {
  return new TunnelError('TC-CLI-USAGE', `the variable ${name} did not reach the plugin`, {
    next: [
      `Export ${name} where Codex is started, run tunnel-client codex plugin install --pass-env ${name}, and start a new Codex session`,
    ],
  })
}

function checkBaseUrlShape(text: string): void {
  if (text === '') return
  const url = URL.canParse(text) ? new URL(text) : null
  const bare = url !== null && /^https?:\/\/[^/?#@\\]+\/?$/i.test(text) && /^https?:$/.test(url.protocol)
  if (!bare) throw wrong('control_plane_base_url must be an HTTP or HTTPS origin in authority form')
}

/** A prompt must not be able to send the admin key to an address of its choice. */
function checkBaseUrl(text: string, env: Env): void {
  if (text === '') return
  const trusted = env.CONTROL_PLANE_BASE_URL?.trim() ?? ''
  const origins = [...OPENAI_ORIGINS, ...(URL.canParse(trusted) ? [new URL(trusted).origin] : [])]
  if (origins.includes(new URL(text).origin)) return
  throw wrong(
    `control_plane_base_url must be ${OPENAI_ORIGINS.join(' or ')}, or the origin in the plugin's own CONTROL_PLANE_BASE_URL; for another service use the tunnel-client command line`,
  )
}
