// Reads the address like the daemon does, and chooses the key: admin and runtime keys are never taken for each other,
// save that a runtime key may read.

import {TunnelError} from '../../errors/index.ts'
import {decodeText, Secret} from '../../platform/index.ts'
import {createLayers} from '../layers.ts'
import type {AdminConfig, AdminInput, ServiceKey} from '../load-admin.ts'
import {problemList, shown} from '../problems.ts'
import {trimSpace} from '../values/go-text.ts'
import type {ReferenceHost} from '../values/references.ts'
import {assembleTrust} from './assemble.ts'
import {createContext} from './context.ts'
import {readBaseUrl, readUrlPath} from './control-plane.ts'

const ADMIN = 'OPENAI_ADMIN_KEY'
const RUNTIME = ['CONTROL_PLANE_API_KEY', 'OPENAI_API_KEY']
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** See `loadAdminConfig`. */
export async function assembleAdmin(input: AdminInput): Promise<AdminConfig> {
  const problems = problemList()
  const layers = createLayers(input, {path: '', values: new Map(), complete: true})
  const context = createContext(layers, problems, input.cwd)
  const baseUrl = await readBaseUrl(context, null)
  const urlPath = await readUrlPath(context)
  const caBundle = await assembleTrust(context)
  problems.throwIfAny()
  return {baseUrl, urlPath, caBundle, key: await chooseKey(input, context.host)}
}

async function chooseKey(input: AdminInput, host: ReferenceHost): Promise<ServiceKey> {
  const runtime = input.access === 'read' && mayUseRuntimeKey(input) ? runtimeKey(input) : null
  return runtime ?? (await adminKey(input, host))
}

/** Only when no admin key was given, or just the name of the default variable, which is empty. */
function mayUseRuntimeKey({adminKey = '', env}: AdminInput): boolean {
  return trimSpace(env[ADMIN] ?? '') === '' && ['', `env:${ADMIN}`].includes(trimSpace(adminKey))
}

function runtimeKey({env}: AdminInput): ServiceKey | null {
  const name = RUNTIME.find((candidate) => trimSpace(env[candidate] ?? '') !== '')
  if (name === undefined) return null
  return {value: new Secret(trimSpace(env[name]!)), kind: 'runtime', source: `env:${name}`}
}

async function adminKey(input: AdminInput, host: ReferenceHost): Promise<ServiceKey> {
  const {adminKey: reference = '', env} = input
  const found = (value: string, source: string): ServiceKey => ({
    value: new Secret(trimSpace(value)),
    kind: 'admin',
    source,
  })
  if (reference.startsWith('env:')) return found(variable(reference.slice(4), env), reference)
  if (reference.startsWith('file:')) return found(await file(reference.slice(5), host), reference)
  if (reference !== '') {
    throw refuse('admin-key must use env: or file: prefixes', [
      `Export the key as ${ADMIN}, or write --admin-key env:NAME or --admin-key file:PATH; a key on the command line is readable by every user of the machine`,
    ])
  }
  const value = env[ADMIN]
  if (value !== undefined) {
    if (trimSpace(value) === '') throw refuse(`${ADMIN} must be non-empty`)
    return found(value, `env:${ADMIN}`)
  }
  throw refuse(`admin key is required; set --admin-key or ${ADMIN}`, wayOut(input))
}

/** People often have a runtime key in their environment and wonder why it does not count. */
function wayOut(input: AdminInput): readonly string[] | undefined {
  const have = runtimeKey(input)
  if (input.access === 'read') return [`Export ${ADMIN}, or a runtime key as ${RUNTIME[0]}`]
  if (have === null) return undefined
  return [`Export an admin key as ${ADMIN}; the runtime key of ${have.source.slice(4)} may not manage tunnels`]
}

function variable(name: string, env: AdminInput['env']): string {
  if (name === '') throw refuse('invalid admin-key: environment variable name is required after env:')
  // What cannot be the name of a variable may be the key itself.
  const label = `environment variable ${NAME.test(name) ? shown(name) : '[redacted]'} referenced by --admin-key`
  const value = env[name]
  if (value === undefined) throw refuse(`${label} is not set`)
  if (trimSpace(value) === '') throw refuse(`${label} is empty`)
  return value
}

async function file(path: string, host: ReferenceHost): Promise<string> {
  if (path === '') throw refuse('invalid admin-key: file path is required after file:')
  const read = await host.read(path)
  if (!read.ok) throw refuse(`read admin key file ${shown(path)}: ${shown(read.problem)}`)
  const content = decodeText(read.data)
  if (!content.ok) throw refuse(`read admin key file ${shown(path)}: ${content.problem}`)
  const {text} = content
  if (trimSpace(text) === '') throw refuse(`file ${shown(path)} referenced by --admin-key is empty`)
  return text
}

const refuse = (message: string, next?: readonly string[]): TunnelError =>
  new TunnelError('TC-ADMIN-KEY', message, next === undefined ? {} : {next})
