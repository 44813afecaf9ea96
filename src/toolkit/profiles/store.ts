// The folder of profiles: the reference's place, names and modes. Files are written whole or not at all, and none replaces
// another unless told.

import {readdir, readFile, stat, unlink} from 'node:fs/promises'
import {platform} from 'node:os'
import {join} from 'node:path'
import {confinedProfile, resolveProfileDir, validateProfileName} from '../../foundation/config/index.ts'
import {isTunnelError, TunnelError} from '../../foundation/errors/index.ts'
import {fileProblem, nearest, writeFileAtomic, writeNewFile} from '../../foundation/platform/index.ts'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600
const SUFFIX = '.yaml'
/** Names that Windows keeps for devices, with any ending. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i

/** One profile: `{name, path}` is what `profiles list --json` prints of it. */
export interface ProfileEntry {
  readonly name: string
  readonly path: string
}

/** What to write. */
export interface ProfileWrite {
  readonly name: string
  readonly data: string | Uint8Array
  /** Replace a profile of this name. */
  readonly force?: boolean
}

/** The profiles of one folder. All names are checked; relative folders start at the working directory. */
export interface ProfileStore {
  readonly dir: string
  /** Where a profile lies or would lie. @throws TunnelError `TC-CONFIG-SOURCE` for a name that cannot be one. */
  path(name: string): string
  /** Sorted by name. A folder that is not there holds none. */
  list(): Promise<readonly ProfileEntry[]>
  has(name: string): Promise<boolean>
  /** The bytes. @throws TunnelError `TC-PROFILE-MISSING`, `TC-PROFILE-FILE` */
  read(name: string): Promise<Buffer>
  /** Returns the path. @throws TunnelError `TC-PROFILE-EXISTS`, `TC-PROFILE-FILE` */
  write(profile: ProfileWrite): Promise<string>
  /** Returns the path. @throws TunnelError `TC-PROFILE-MISSING`, `TC-PROFILE-FILE` */
  remove(name: string): Promise<string>
}

/** What finding the folder takes. */
export interface ProfileStoreOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Home folder where HOME is not set. */
  readonly home?: string
  /** As `--profile-dir` gave it; blank counts as not given. */
  readonly dir?: string | undefined
}

/** The store that `init`, `profiles`, `run` and `doctor` share. Touches no file. */
export function profileStore({env, home, dir: given}: ProfileStoreOptions): ProfileStore {
  const dir = resolveProfileDir({
    env,
    flags: given === undefined ? {} : {'profile-dir': given},
    ...(home === undefined ? {} : {home}),
  })
  const path = (name: string): string => join(dir, `${checkedName(name)}${SUFFIX}`)

  const list = async (): Promise<readonly ProfileEntry[]> => {
    const names = await readdir(dir).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return []
      throw new TunnelError('TC-PROFILE-FILE', `read profile directory ${dir}: ${reasonOf(dir, thrown)}`)
    })
    const found: ProfileEntry[] = []
    for (const file of names) {
      const name = file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length) : ''
      if (!isName(name)) continue
      const info = await stat(join(dir, file)).catch(() => null)
      if (!info?.isDirectory()) found.push({name, path: join(dir, file)})
    }
    return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  const missing = async (name: string): Promise<TunnelError> => {
    const near = nearest(
      name,
      (await list().catch(() => [])).map((entry) => entry.name),
    )
    const hint = near === null ? [] : [`Did you mean ${near}?`]
    return new TunnelError('TC-PROFILE-MISSING', `profile ${JSON.stringify(name)} does not exist in ${dir}`, {
      next: [...hint, 'List them with tunnel-client profiles list'],
    })
  }

  const fail = (verb: string, name: string, thrown: unknown): TunnelError =>
    new TunnelError('TC-PROFILE-FILE', `${verb} profile ${path(name)}: ${reasonOf(path(name), thrown)}`, {
      cause: thrown,
    })

  /** Where the bytes of a profile are. */
  const insideOf = async (name: string): Promise<string> => {
    const confined = await confinedProfile(dir, path(name))
    if (confined.ok) return confined.value
    throw new TunnelError('TC-FILE-UNSAFE', `${path(name)} is a link that leads out of ${dir}`, {
      next: ['Put the file itself there, or name it with --profile-file'],
    })
  }

  return {
    dir,
    path,
    list,
    has: async (name) =>
      await stat(path(name)).then(
        () => true,
        () => false,
      ),
    read: async (name) => {
      try {
        return await readFile(await insideOf(name))
      } catch (thrown) {
        throw (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? await missing(name) : fail('read', name, thrown)
      }
    },
    write: async ({name, data, force = false}) => {
      const target = path(name)
      try {
        const file = {path: force ? await insideOf(name) : target, data, mode: FILE_MODE, parentMode: FOLDER_MODE}
        if (force) await writeFileAtomic(file)
        else await writeNewFile(file)
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isTaken(target))) {
          throw fail('write', name, thrown)
        }
        const text = `profile ${JSON.stringify(checkedName(name))} already exists; pass --force to replace it`
        throw new TunnelError('TC-PROFILE-EXISTS', text, {next: [`It lies at ${target}`]})
      }
      return target
    },
    remove: async (name) => {
      try {
        await unlink(path(name))
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') throw await missing(name)
        throw fail('remove', name, thrown)
      }
      return path(name)
    },
  }
}

function checkedName(given: string): string {
  const name = validateProfileName(given)
  if (platform() !== 'win32' || !DEVICE.test(name)) return name
  throw new TunnelError(
    'TC-CONFIG-SOURCE',
    `invalid profile name ${JSON.stringify(name)}: Windows keeps it for a device`,
  )
}

function isName(name: string): boolean {
  try {
    return validateProfileName(name) === name
  } catch {
    return false
  }
}

/** A folder that cannot be made says EEXIST, too. */
const isTaken = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** `permission denied`, without the path that the sentence names already. */
const reasonOf = (path: string, thrown: unknown): string =>
  isTunnelError(thrown)
    ? thrown.message
    : fileProblem(path, thrown)
        .replace(/^(?:open|read) /, '')
        .replace(`${path}: `, '')
