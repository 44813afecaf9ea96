// The state files: JSON under the reference's `.yaml` names. Readers never write; writers hold one lock from reading to
// renaming, and keep every member that they do not know.

import {dirname, join} from 'node:path'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {decodeText, goJson, lockFile, readTrustedFile, writeFileAtomic} from '../../../foundation/platform/index.ts'
import {checkStateOwner, ensureStateFolders, type StateRoot} from '../state-root.ts'

/** A JSON object as it stands in a file. */
export type JsonObject = Readonly<Record<string, unknown>>

/** How long a writer waits for another one, in milliseconds; a write takes a few. Longer than a lock of a lost host lives. */
const WRITE_WAIT_MS = 20_000

/**
 * Reads a state file; an absent or empty-handed one (`null`) is `{}`.
 * @throws TunnelError `TC-STATE-FILE` when it cannot be read or is no JSON object.
 */
export async function readStateFile(path: string): Promise<JsonObject> {
  let text: string
  try {
    await checkStateOwner({path: dirname(path)})
    const file = await readTrustedFile(path)
    if (file === null) return {}
    const content = decodeText(file.data)
    if (!content.ok) throw new Error(content.problem)
    text = content.text
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOTDIR') return {}
    throw new TunnelError('TC-STATE-FILE', `read state file ${path}: ${messageOf(thrown)}`, {cause: thrown})
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    throw malformed(path, thrown)
  }
  if (value === null) return {}
  if (!isObject(value)) throw malformed(path)
  return value
}

/** One change of one or more state files, under the lock of the state root. */
export interface StateChange {
  /** Reads a file once and remembers it. */
  read(path: string): Promise<JsonObject>
  /** Replaces its content when the change is done. */
  write(path: string, content: JsonObject): void
}

/**
 * Runs `change` while no other command writes here, then writes what it asked for, each file whole or not at all. When
 * it throws nothing is written. Makes the folders.
 * @throws TunnelError `TC-STATE-BUSY`, `TC-STATE-WRITE`, `TC-STATE-FILE`.
 */
export async function changeState<T>(root: StateRoot, change: (state: StateChange) => Promise<T> | T): Promise<T> {
  await ensureStateFolders(root)
  const lock = await lockFile({
    path: join(root.locksFolder, 'state.holder'),
    waitMs: WRITE_WAIT_MS,
    what: 'the state files',
  })
  try {
    const content = new Map<string, JsonObject>()
    const written = new Set<string>()
    const result = await change({
      read: async (path) => {
        const known = content.get(path)
        if (known !== undefined) return known
        const read = await readStateFile(path)
        content.set(path, read)
        return read
      },
      write: (path, value) => {
        content.set(path, value)
        written.add(path)
      },
    })
    for (const path of written) {
      if (!lock.held()) {
        throw new TunnelError('TC-STATE-BUSY', 'this command stood still and lost its lock; nothing more was written')
      }
      await writeStateFile(path, content.get(path) ?? {})
    }
    return result
  } finally {
    await lock.release()
  }
}

async function writeStateFile(path: string, content: JsonObject): Promise<void> {
  await writeFileAtomic({path, data: goJson(content), mode: 0o600}).catch((thrown) => {
    throw new TunnelError('TC-STATE-WRITE', `write state file ${path}: ${messageOf(thrown)}`, {cause: thrown})
  })
}

/** A copy with its keys in alphabetical order, as the reference's maps are written. */
export const sortedByKey = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** True for `{…}`. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The reference's words for a file that holds something else than it should. */
export const malformed = (path: string, cause?: unknown): TunnelError =>
  new TunnelError(
    'TC-STATE-FILE',
    `state file ${path} is not valid JSON-compatible YAML; repair or remove it`,
    cause === undefined ? {} : {cause},
  )
