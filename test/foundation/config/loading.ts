// Loads a configuration as a command would, in a folder of its own, and gives back values or problems as plain data.

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll} from 'vitest'
import {type LoadInput, loadConfig, problemCheckId, type TunnelConfig} from '../../../src/foundation/config/index.ts'
import {isTunnelError} from '../../../src/foundation/errors/index.ts'

export const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'
/** What no configuration can do without. */
export const NEEDED = {
  CONTROL_PLANE_TUNNEL_ID: TUNNEL,
  CONTROL_PLANE_API_KEY: 'key_of_tests',
  MCP_SERVER_URL: 'http://127.0.0.1:9/mcp',
}

/** A folder that is removed after the tests of the file. */
export const folder = mkdtempSync(join(tmpdir(), 'config-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

/** Writes a file into the folder and gives back its name. */
export function put(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return name
}

export interface Given {
  readonly flags?: LoadInput['flags']
  /** Added to what is needed; undefined takes something away. */
  readonly env?: LoadInput['env']
  /** Content of the file that --config names. */
  readonly yaml?: string
}

export interface Told {
  readonly code: string
  readonly message: string
  readonly origin: string | undefined
  readonly next: readonly string[]
  readonly check: string
}

export async function load({flags = {}, env = {}, yaml}: Given): Promise<TunnelConfig> {
  const config = yaml === undefined ? {} : {config: put('tunnel.yaml', yaml)}
  return await loadConfig({flags: {...config, ...flags}, env: {...NEEDED, ...env}, cwd: folder})
}

/** The problems, in order. Fails the test when there are none. */
export async function problemsOf(given: Given): Promise<readonly Told[]> {
  try {
    await load(given)
  } catch (thrown) {
    if (!isTunnelError(thrown) || thrown.code !== 'TC-CONFIG-INVALID') throw thrown
    return thrown.problems.map((problem) => ({
      code: problem.code,
      message: problem.message,
      origin: problem.origin,
      next: problem.next,
      check: problemCheckId(problem),
    }))
  }
  throw new Error('the configuration was accepted')
}

/** The message of the only problem. */
export async function problemOf(given: Given): Promise<string> {
  const problems = await problemsOf(given)
  if (problems.length !== 1)
    throw new Error(`expected one problem, got: ${problems.map(({message}) => message).join('\n')}`)
  return problems[0]!.message
}
