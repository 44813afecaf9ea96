// Which variables the plugin's server gets from Codex. Codex hands a plugin HOME, PATH and few more, and takes exact names
// only: so every name that our commands read is listed, generated from where the names are defined.

import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {CONFIG_ROWS} from '../../../foundation/config/index.ts'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {decodeText} from '../../../foundation/platform/index.ts'

/** Never handed on unless asked for by name: who holds it may delete every tunnel of the organization. */
const ADMIN_KEY = 'OPENAI_ADMIN_KEY'

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']

/** What else our commands, Node and OpenSSL read. */
const OTHERS = [
  'CODEX_HOME',
  'TUNNEL_MCP_ADMIN_PROFILE',
  'XDG_CONFIG_HOME',
  'XDG_STATE_HOME',
  'XDG_DATA_HOME',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'TMPDIR',
]

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const REFERENCE = /\benv:\s*([A-Za-z_][A-Za-z0-9_]*)/gi

/** Variables of the plugin's server. */
export interface PluginVariables {
  /** Names whose values Codex hands on, sorted. */
  readonly names: readonly string[]
  /** Values written down: shell and plugin see the same runtimes whatever their variables say. */
  readonly values: Readonly<Record<string, string>>
}

/** What the names are gathered from. */
export interface VariablesInput {
  /** State root of managed runtimes, absolute. */
  readonly stateRoot: string
  /** Folder of profiles, absolute. */
  readonly profileDir: string
  /** `--pass-env`. */
  readonly passEnv: readonly string[]
}

/** Gathers names from the config rows, the profiles and the admin profiles. Files that cannot be read count as empty. */
export async function pluginVariables({stateRoot, profileDir, passEnv}: VariablesInput): Promise<PluginVariables> {
  const values = {TUNNEL_CLIENT_STATE_DIR: stateRoot, TUNNEL_CLIENT_PROFILE_DIR: profileDir}
  const files = await readdir(profileDir).catch(() => [])
  const profiles = files.filter((file) => /\.ya?ml$/.test(file)).map((file) => join(profileDir, file))
  const referenced = await Promise.all([...profiles, join(stateRoot, 'admin_profiles.yaml')].map(namesIn))
  const gathered = [
    ...CONFIG_ROWS.flatMap(({env}) => env),
    ...PROXIES.flatMap((name) => [name, name.toLowerCase()]),
    ...OTHERS,
    ...referenced.flat(),
  ].filter((name) => name !== ADMIN_KEY)
  const names = [...new Set([...gathered, ...passEnv])].filter((name) => !(name in values))
  return {names: names.sort(), values}
}

/** The names of `--pass-env`, each a list of one or more with commas. @throws TunnelError `TC-CLI-USAGE` */
export function readPassEnv(given: readonly string[]): string[] {
  const names = given.flatMap((item) => item.split(',')).map((name) => name.trim())
  const wrong = names.find((name) => !NAME.test(name))
  if (wrong === undefined) return names
  throw new TunnelError(
    'TC-CLI-USAGE',
    `${JSON.stringify(wrong.replace(/=.*/s, '=…'))} is not the name of a variable`,
    {
      next: ['Give the name only; Codex hands on the value that it has itself'],
      origin: 'flag --pass-env',
    },
  )
}

async function namesIn(path: string): Promise<string[]> {
  const content = decodeText(await readFile(path).catch(() => new Uint8Array()))
  const text = content.ok ? content.text : ''
  return [...text.matchAll(REFERENCE)].map((match) => match[1]!)
}
