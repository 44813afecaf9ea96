// A profile from a file or a sample. The notation is checked; whether it runs is told, not demanded.

import {dirname, resolve} from 'node:path'
import {TunnelError} from '../../foundation/errors/index.ts'
import {isTunnelId, readWholeFile} from '../../foundation/platform/index.ts'
import {absoluteProfile} from './absolute/absolute-profile.ts'
import {absoluteValues} from './absolute/absolute-values.ts'
import {checkSavable, warningsOf} from './judge-profile.ts'
import {commandDoubts} from './preflight/command-doubts.ts'
import {type ProfileValues, renderProfile} from './render-profile.ts'
import {profileStore} from './store.ts'

/** What `profiles add` was given. */
export interface AddOptions extends Pick<ProfileValues, 'mcpServerUrl' | 'mcpCommand'> {
  readonly templates: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly name: string
  readonly profileDir?: string | undefined
  /** File to copy; relative paths in it become absolute, everything else stays byte by byte. */
  readonly fromFile?: string | undefined
  readonly sample?: string | undefined
  readonly tunnelId?: string | undefined
  readonly force: boolean
}

/** A profile that was saved; also the document of `--json`. */
export interface SavedProfile {
  readonly profile: string
  readonly path: string
  /** Paths that were made absolute, one sentence each. */
  readonly notes?: readonly string[]
  /** What will not work yet, one sentence each. */
  readonly warnings: readonly string[]
}

/** Adds a profile. @throws TunnelError of the usual codes; nothing is written then. */
export async function addProfile(options: AddOptions): Promise<SavedProfile> {
  const {env, cwd, name, force, profileDir} = options
  const store = profileStore({env, dir: profileDir})
  const path = store.path(name)
  const {values, notes} = absoluteValues(options, {cwd, env})
  const source = options.fromFile?.trim() ?? ''
  const beside = source === '' ? {} : {beside: dirname(resolve(cwd, source))}
  const given = await dataOf({...options, ...values})
  const {data, notes: inFile} = await absoluteProfile(given, {cwd, env, ...beside})
  const changed = [...notes, ...inFile]
  const check = await checkSavable({path: options.fromFile?.trim() || path, data, env, cwd})
  await store.write({name, data, force})
  return {
    profile: name.trim(),
    path,
    ...(changed.length === 0 ? {} : {notes: changed}),
    warnings: [...warningsOf(check), ...commandDoubts(options.mcpCommand)],
  }
}

async function dataOf({templates, fromFile, sample, cwd, ...values}: AddOptions): Promise<string | Buffer> {
  const file = fromFile?.trim() ?? ''
  const from = sample?.trim() ?? ''
  if ((file === '') === (from === '')) {
    throw new TunnelError('TC-CLI-USAGE', 'set exactly one of --from-file or --sample', {
      next: ['See the samples: tunnel-client profiles samples list'],
    })
  }
  if (from !== '') return await sampleText({templates, sample: from, ...values})
  const read = await readWholeFile(file, cwd)
  if (read.ok) return read.data
  throw new TunnelError('TC-PROFILE-FILE', `read source profile ${file}: ${read.problem}`)
}

async function sampleText({
  templates,
  sample,
  tunnelId = '',
  mcpServerUrl,
  mcpCommand,
}: Omit<AddOptions, 'fromFile' | 'cwd'> & {sample: string}): Promise<string> {
  const id = tunnelId.trim()
  if (!isTunnelId(id)) {
    const text = id === '' ? 'tunnel ID is required; set --tunnel-id' : `invalid tunnel ID ${JSON.stringify(id)}`
    throw new TunnelError(
      id === '' ? 'TC-CONFIG-TUNNEL-ID-MISSING' : 'TC-CONFIG-TUNNEL-ID-INVALID',
      id === '' ? text : `${text}: must match tunnel_<32 lowercase letters or digits>`,
      {next: ['Copy the id from tunnel-client admin tunnels list']},
    )
  }
  return await renderProfile({templates, sample, values: {tunnelId: id, mcpServerUrl, mcpCommand}})
}
