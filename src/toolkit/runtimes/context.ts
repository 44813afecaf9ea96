// What every runtimes command works with, opened once and closed again.

import {
  createHttpDoor,
  createIdentity,
  type HttpDoor,
  noInspector,
  type PidRealm,
  pidRealm,
} from '../../foundation/platform/index.ts'
import {resolveStateRoot, type StateRoot} from './state-root.ts'

/** The surroundings of a runtimes command. */
export interface RuntimesContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly root: StateRoot
  readonly door: HttpDoor
  readonly identity: {readonly version: string; readonly instanceId: string}
  /** How this program is started again: Node and the entry script. */
  readonly program: readonly [string, ...string[]]
  /** This host or container, as records name it. */
  readonly realm: PidRealm
  /** Ends waiting early. */
  readonly signal: AbortSignal
}

/** What {@link withRuntimes} needs. */
export interface RuntimesInput {
  readonly env: RuntimesContext['env']
  readonly cwd: string
  readonly version: string
  readonly signal: AbortSignal
}

/** Opens a context for as long as `work` takes. Nothing is written and nobody is asked by that alone. */
export async function withRuntimes<T>(
  input: RuntimesInput,
  work: (context: RuntimesContext) => Promise<T>,
): Promise<T> {
  const door = createHttpDoor()
  const script = process.argv[1]
  try {
    return await work({
      env: input.env,
      cwd: input.cwd,
      root: resolveStateRoot({env: input.env, cwd: input.cwd}),
      door,
      identity: createIdentity(input.version),
      program: [process.execPath, ...noInspector(), ...(script === undefined ? [] : [script])],
      realm: await pidRealm(),
      signal: input.signal,
    })
  } finally {
    await door.close()
  }
}
