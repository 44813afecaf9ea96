// What an install remembers, so that uninstall can put back what was there and an install that was cut off can be undone.
// It lies in our own data folder, never in Codex's home.

import {createHash} from 'node:crypto'
import {mkdir, readdir, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {writeFileAtomic} from '../../../foundation/platform/index.ts'
import type {CodexHome} from '../codex-home.ts'
import type {FileMark, FileState} from '../config/config-file.ts'
import {removeEmpty} from './folders.ts'

/** What was there before; kept only while an install is under way. */
export interface Before {
  readonly config: FileMark
  readonly homeExisted: boolean
  readonly installedExisted: boolean
  readonly sourceExisted: boolean
}

/** A finished install. */
export interface Installed {
  readonly layout: 'codex' | 'local'
  /** config.toml without our tables, as it is to be put back. Its bytes lie beside the record. */
  readonly original: FileMark
  /** config.toml as the install left it. */
  readonly left: FileMark
  readonly homeExisted: boolean
  readonly passEnv: readonly string[]
  /** Version of tunnel-client that installed. */
  readonly version: string
}

/** One Codex home and one marketplace. At least one of `installed` and `under_way` is there. */
export interface PluginRecord {
  readonly schemaVersion: 1
  readonly codexHome: string
  readonly marketplace: string
  /** Folder that Codex reads the marketplace from; null in the local layout. */
  readonly source: string | null
  readonly installed: Installed | null
  readonly underWay: Before | null
}

/** Which bytes: the ones for uninstall, or the ones from just before an install. */
export type SavedFile = 'original' | 'before'

/** The records of one data folder. */
export interface Records {
  readonly folder: string
  read(home: CodexHome, marketplace: string): Promise<PluginRecord | null>
  /** All that can be read. */
  all(): Promise<readonly PluginRecord[]>
  write(record: PluginRecord): Promise<void>
  save(record: PluginRecord, which: SavedFile, state: FileState): Promise<void>
  /** Bytes that were saved; the mode is in the record. */
  saved(record: PluginRecord, which: SavedFile): Promise<Buffer | null>
  unsave(record: PluginRecord, which: SavedFile): Promise<void>
  remove(record: PluginRecord): Promise<void>
}

const FILE = 'record.json'

/** Opens the records below a data folder. Makes nothing until something is written. */
export function openRecords(dataDir: string): Records {
  const folder = join(dataDir, 'codex-installs')
  const place = ({codexHome, marketplace}: Pick<PluginRecord, 'codexHome' | 'marketplace'>): string =>
    join(folder, createHash('sha256').update(`${codexHome}\0${marketplace}`).digest('hex').slice(0, 16))
  const file = (record: PluginRecord, which: SavedFile): string => join(place(record), `config.toml.${which}`)
  const load = async (path: string): Promise<PluginRecord | null> => {
    const text = await readFile(path, 'utf8').catch(() => null)
    if (text === null) return null
    try {
      const record = JSON.parse(text) as PluginRecord
      return record.schemaVersion === 1 ? record : null
    } catch {
      return null
    }
  }
  const writing = async (work: () => Promise<unknown>): Promise<void> => {
    await work().catch((thrown) => {
      throw new TunnelError('TC-CODEX-WRITE', `write below ${folder}: ${messageOf(thrown)}`, {cause: thrown})
    })
  }
  return {
    folder,
    read: (home, marketplace) => load(join(place({codexHome: home.path, marketplace}), FILE)),
    all: async () => {
      const names = await readdir(folder).catch(() => [])
      const records = await Promise.all(names.map((name) => load(join(folder, name, FILE))))
      return records.filter((record) => record !== null)
    },
    write: (record) =>
      writing(async () => {
        await mkdir(place(record), {recursive: true, mode: 0o700})
        await writeFileAtomic({
          path: join(place(record), FILE),
          data: `${JSON.stringify(record, null, 2)}\n`,
          mode: 0o600,
        })
      }),
    save: (record, which, state) =>
      writing(async () => {
        await mkdir(place(record), {recursive: true, mode: 0o700})
        if (state.bytes === null) await rm(file(record, which), {force: true})
        else await writeFileAtomic({path: file(record, which), data: state.bytes, mode: 0o600})
      }),
    saved: (record, which) => readFile(file(record, which)).catch(() => null),
    unsave: (record, which) => writing(() => rm(file(record, which), {force: true})),
    remove: (record) =>
      writing(async () => {
        await rm(place(record), {recursive: true, force: true})
        await removeEmpty([folder])
      }),
  }
}
