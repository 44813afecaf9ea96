// A profile in the user's editor. The profile itself changes only when the new text is good; a text that is not good is
// kept beside it, so that no work is lost.

import {randomBytes} from 'node:crypto'
import {chmod, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {isTunnelError, messageOf, TunnelError} from '../../foundation/errors/index.ts'
import {
  type ChildExit,
  fileProblem,
  removeFile,
  resolveExecutable,
  runInForeground,
  splitArgv,
  writeNewFile,
} from '../../foundation/platform/index.ts'
import type {SavedProfile} from './add-profile.ts'
import {shellWord} from './init-profile.ts'
import {judgeProfile, warningsOf} from './judge-profile.ts'
import {renderProfile} from './render-profile.ts'
import {type ProfileStore, profileStore} from './store.ts'

/** What `profiles edit` was given. */
export interface EditOptions {
  readonly templates: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly name: string
  readonly profileDir?: string | undefined
  /** True at a terminal: an editor that everybody has may stand in for VISUAL and EDITOR. */
  readonly interactive: boolean
  /** Aborted when somebody wants the command to end. */
  readonly signal: AbortSignal
}

const SKELETON = {tunnelId: `tunnel_${'0'.repeat(32)}`, mcpServerUrl: 'http://127.0.0.1:3001/mcp'}
/** How long our signal may lag behind the end of an editor that got the same one. */
const INTERRUPTION_MS = 100
const STAND_INS = process.platform === 'win32' ? ['notepad.exe'] : ['nano', 'vi']

/** Edits a profile, or a new one. @throws TunnelError; the profile is untouched then. */
export async function editProfile(options: EditOptions): Promise<SavedProfile> {
  const {env, cwd, name, templates} = options
  const store = profileStore({env, dir: options.profileDir})
  const path = store.path(name)
  const editor = await editorOf(options)
  const before = await readIfThere(store, name)
  const start = before ?? Buffer.from(await renderProfile({templates, sample: 'sample_mcp_with_dcr', values: SKELETON}))
  const draft = join(store.dir, `.${name.trim()}.${randomBytes(4).toString('hex')}.yaml`)
  await writeNewFile({path: draft, data: start, mode: 0o600, parentMode: 0o700}).catch((thrown) => {
    throw new TunnelError('TC-PROFILE-FILE', `write temporary profile ${draft}: ${fileProblem(draft, thrown)}`)
  })
  const kept = (text: string): string => `${text}; your text is kept in ${draft}`
  const next = [
    `Mend it and save it: tunnel-client profiles add ${name.trim()} --from-file ${shellWord(draft)} --force`,
  ]
  await useEditor(editor, draft, options).catch(async (thrown: TunnelError) => {
    await interruption(options.signal)
    const code = options.signal.aborted ? 'TC-CLI-INTERRUPTED' : thrown.code
    if (await differs(draft, start)) throw new TunnelError(code, kept(thrown.message), {next, cause: thrown})
    await removeFile(draft)
    throw thrown
  })
  const edited = await readFile(draft).catch((thrown) => {
    throw new TunnelError('TC-PROFILE-FILE', `read edited profile ${draft}: ${fileProblem(draft, thrown)}`)
  })
  if (before === null && edited.equals(start)) {
    await removeFile(draft)
    throw new TunnelError('TC-PROFILE-INVALID', `nothing was changed; not saving ${path} with the id of no tunnel`, {
      next: ['Put the id of your tunnel into it'],
    })
  }
  const check = await judgeProfile({path: draft, data: edited, env, cwd})
  if (check.broken.length > 0) {
    const problems = check.broken.map(({message}) => message).join('; ')
    const text = `profile did not validate; not saving ${path}: ${problems}`
    await chmod(draft, 0o600).catch(() => {})
    throw new TunnelError('TC-PROFILE-INVALID', kept(text), {next})
  }
  const now = await readIfThere(store, name)
  if (before === null ? now !== null : now === null || !now.equals(before)) {
    const text = `profile ${path} was changed by somebody else in the meantime; not saving it`
    throw new TunnelError('TC-PROFILE-FILE', kept(text), {next})
  }
  await store.write({name, data: edited, force: true}).catch((thrown: TunnelError) => {
    throw new TunnelError(thrown.code, kept(messageOf(thrown)), {next, cause: thrown})
  })
  await removeFile(draft)
  return {profile: name.trim(), path, warnings: warningsOf(check)}
}

/** A Ctrl-C reaches the editor and us: that the editor is gone may be known before why. */
const interruption = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), {once: true})
    setTimeout(resolve, INTERRUPTION_MS)
  })

const differs = (draft: string, start: Buffer): Promise<boolean> =>
  readFile(draft).then(
    (text) => !text.equals(start),
    () => false,
  )

async function readIfThere(store: ProfileStore, name: string): Promise<Buffer | null> {
  return await store.read(name).catch((thrown) => {
    if (isTunnelError(thrown) && thrown.code === 'TC-PROFILE-MISSING') return null
    throw thrown
  })
}

interface Editor {
  /** As it was configured. */
  readonly text: string
  readonly argv: readonly [string, ...string[]]
}

async function editorOf({env, interactive}: EditOptions): Promise<Editor> {
  const text = env.VISUAL?.trim() || env.EDITOR?.trim() || ''
  if (text !== '') {
    // A backslash separates folders there, it escapes nothing.
    const words = splitArgv(process.platform === 'win32' ? text.replaceAll('\\', '\\\\') : text)
    if (words.ok) return {text, argv: words.argv}
    throw new TunnelError('TC-PROFILE-EDITOR', `run editor ${JSON.stringify(text)}: ${words.problem}`)
  }
  for (const name of interactive ? STAND_INS : []) {
    if ((await resolveExecutable({name, env})).found) return {text: name, argv: [name]}
  }
  throw new TunnelError('TC-PROFILE-EDITOR', 'set VISUAL or EDITOR to edit profiles', {
    next: ['For example: EDITOR=nano tunnel-client profiles edit <name>'],
  })
}

async function useEditor({text, argv}: Editor, draft: string, {env, cwd}: EditOptions): Promise<void> {
  const fail = (why: string, cause?: unknown): never => {
    throw new TunnelError('TC-PROFILE-EDITOR', `run editor ${JSON.stringify(text)}: ${why}`, {cause})
  }
  const exit: ChildExit = await runInForeground({argv: [...argv, draft], env, cwd}).catch((thrown) =>
    fail((thrown as NodeJS.ErrnoException).code === 'ENOENT' ? 'executable file not found' : messageOf(thrown), thrown),
  )
  if (exit.signal !== null) fail(`ended by ${exit.signal}`)
  if (exit.code !== 0) fail(`exit status ${exit.code}`)
}
