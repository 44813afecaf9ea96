// What is wrong with a file, first as a text, then with nothing but itself, then under the variables of an environment.

import {isTunnelError, type TunnelError} from '../../errors/index.ts'
import {shellSyntax} from '../../platform/index.ts'
import type {FileCheckInput} from '../check-file.ts'
import {checkReferences, referencedVariables} from '../file/check-references.ts'
import type {FileValues} from '../file/file-value.ts'
import {readYaml} from '../file/read-yaml.ts'
import {type ShadowedKey, shadowedKeys} from '../file/shadowed-keys.ts'
import {createLayers, type Layers} from '../layers.ts'
import {type Problem, problemList} from '../problems.ts'
import {assembleLayers} from './assemble.ts'
import {RESERVED} from './control-plane.ts'

/** Problems by when they show. The later two are empty when the text itself cannot be understood. */
export interface Judgement {
  readonly broken: readonly TunnelError[]
  /** With no flag and no variable but those that the file names. */
  readonly alone: readonly TunnelError[]
  /** With the whole environment on top of the file. */
  readonly together: readonly TunnelError[]
  readonly variables: readonly string[]
  readonly shadowed: readonly ShadowedKey[]
}

/** See `checkConfigFile`. */
export async function judgeFile({path, data, env, cwd}: FileCheckInput): Promise<Judgement> {
  const problems = problemList()
  const report = problems.add
  const file = await readYaml({path, data, report})
  checkReferences({file, reserved: RESERVED, report})
  const broken = await thrownBy(async () => problems.throwIfAny())
  const variables = referencedVariables(file)
  if (broken.length > 0) return {broken, alone: [], together: [], variables, shadowed: []}
  const alone = createLayers({flags: {}, env: {}}, file)
  const meet: Layers = {...alone, referenced: (name) => env[name] ?? alone.referenced(name)}
  return {
    broken,
    alone: await refusals({layers: meet, file, cwd}),
    together: await refusals({layers: createLayers({flags: {}, env}, file), file, cwd}),
    variables,
    shadowed: shadowedKeys(file, env),
  }
}

const refusals = (given: {layers: Layers; file: FileValues; cwd: string}): Promise<readonly TunnelError[]> =>
  thrownBy(async () => {
    const problems = problemList()
    const config = await assembleLayers({
      layers: given.layers,
      source: {kind: 'config', path: given.file.path},
      problems,
      cwd: given.cwd,
    })
    for (const binding of config.mcp.bindings) {
      const problem = binding.kind === 'stdio' ? shellProblem(binding.command) : null
      if (problem !== null) problems.add(problem)
    }
    problems.throwIfAny()
  })

/** A command that the daemon refuses to start, because a shell would read it otherwise. */
function shellProblem(command: string): Problem | null {
  const syntax = shellSyntax(command)
  if (syntax?.certain !== true) return null
  const message = `invalid mcp.command: no shell reads it, but it ${syntax.problem}`
  return {code: 'TC-CONFIG-MCP-ENTRY', message, next: [syntax.next]}
}

/** The problems that are thrown together, or none. */
async function thrownBy(check: () => Promise<unknown>): Promise<readonly TunnelError[]> {
  try {
    await check()
    return []
  } catch (thrown) {
    if (!isTunnelError(thrown)) throw thrown
    return thrown.problems
  }
}
