// References to keys as runtimes keep them: `env:NAME` or `file:/path`, never the key itself.

import {readFile} from 'node:fs/promises'
import {homePath} from '../../../foundation/config/index.ts'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {decodeText, Secret} from '../../../foundation/platform/index.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Name of the variable of an `env:` reference; null for a `file:` one. */
export const variableOf = (reference: string): string | null =>
  reference.startsWith('env:') ? reference.slice('env:'.length).trim() : null

/** Checks the form. @throws TunnelError `TC-RUNTIME-KEY` */
export function checkKeyReference(reference: string, field: string): string {
  const given = reference.trim()
  const name = variableOf(given)
  const wellFormed = name === null ? /^file:./.test(given) : /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
  if (wellFormed) return given
  // What is refused may be the key itself: it is not repeated.
  throw new TunnelError('TC-RUNTIME-KEY', `${field} must be an env:NAME or file:/path reference`)
}

/** The key. @throws TunnelError `TC-RUNTIME-KEY` in the reference's words. */
export async function readKey(reference: string, env: Env): Promise<Secret> {
  const name = variableOf(reference)
  if (name !== null) {
    const value = env[name]?.trim() ?? ''
    if (value === '') {
      throw new TunnelError('TC-RUNTIME-KEY', `environment variable ${name} is not set`, {next: [`Export ${name}`]})
    }
    return new Secret(value)
  }
  const path = homePath(reference.slice('file:'.length).trim(), env)
  const data = await readFile(path).catch((thrown) => {
    throw new TunnelError('TC-RUNTIME-KEY', `failed to read secret file ${path}: ${messageOf(thrown)}`, {cause: thrown})
  })
  const content = decodeText(data)
  if (!content.ok) throw new TunnelError('TC-RUNTIME-KEY', `secret file ${path}: ${content.problem}`)
  const {text} = content
  if (text.trim() === '') throw new TunnelError('TC-RUNTIME-KEY', `secret file ${path} is empty`)
  return new Secret(text.trim())
}
