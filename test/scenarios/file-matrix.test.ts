// Every option that names a file, against everything that can stand at its path. A new path row or path flag has to be
// entered here, with how its file is used.

import {execFileSync} from 'node:child_process'
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import manifest from '../../oclif.manifest.json' with {type: 'json'}
import {CONFIG_ROWS} from '../../src/foundation/config/index.ts'
import {isTunnelError} from '../../src/foundation/errors/index.ts'
import {createHttpServer, Secret} from '../../src/foundation/platform/index.ts'
import {openLogFile} from '../../src/foundation/platform/logging/log-file.ts'
import {writeProxyInfo} from '../../src/service/local-proxy/present.ts'
import {readServeFlags, serveTunnel} from '../../src/service/tunnel-service/index.ts'
import {writeState} from '../../src/service/tunnel-service/state-file.ts'
import {profileStore} from '../../src/toolkit/profiles/store.ts'
import {writePidFile, writeTokenFile, writeUrlFile} from '../../src/tunnel/ops/index.ts'
import {needs, ROOT} from '../support/parts.ts'

const NOBODY = 65_534
const TUNNEL = `tunnel_${'0'.repeat(32)}`
const CONTENT = 'content-of-the-matrix'

/** Writes a file as the option does. */
interface Writer {
  readonly mode: number
  /** False: content is added to what is there. */
  readonly replaces: boolean
  write(path: string): Promise<unknown>
}

const url: Writer = {mode: 0o600, replaces: true, write: (path) => writeUrlFile(path, CONTENT)}
const WRITTEN: Readonly<Record<string, Writer>> = {
  'health.url_file': url,
  'the token beside health.url_file': {
    mode: 0o600,
    replaces: true,
    write: (path) => writeTokenFile(path.replace(/\.token$/, ''), CONTENT),
  },
  'process.pid_file': {mode: 0o644, replaces: true, write: (path) => writePidFile(path, 4711)},
  'log.file': {
    mode: 0o600,
    replaces: false,
    write: async (path) => {
      const stream = await openLogFile(path)
      await new Promise<void>((done) => stream.end(CONTENT, done))
    },
  },
  'dev:proxy --health-url-file': url,
  'dev:proxy --url-file': {
    mode: 0o644,
    replaces: true,
    write: (path) =>
      writeProxyInfo(path, {tunnel_id: TUNNEL, mcp_url: CONTENT} as Parameters<typeof writeProxyInfo>[1]),
  },
  'dev:tunnel-service --state': {
    mode: 0o600,
    replaces: true,
    write: (path) =>
      writeState(path, {
        tunnelId: TUNNEL,
        tunnels: [],
        keys: [{name: 'k', value: new Secret(CONTENT), scopes: ['use']}],
      }),
  },
  'dev:tunnel-service --info-file': {mode: 0o600, replaces: true, write: serviceInfoFile},
  'a named profile': {
    mode: 0o600,
    replaces: true,
    write: (path) => profileStore({env: {}, dir: join(path, '..')}).write({name: 'file', data: CONTENT, force: true}),
  },
}

/** Sockets are bound, never written. */
const SOCKETS = [
  'health.unix_socket',
  'dev:proxy --listen-unix-socket',
  'dev:tunnel-service --listen-unix-socket',
  'dev:tunnel-service --ingress-unix-socket',
]

/** Files that are only read, and folders whose files other rows are about. */
const READ_OR_FOLDER =
  /^(?:config|profile_file|profile_dir|ca_bundle|[\w.]+client_(?:cert|key))$|--(?:profile-dir|profile-file|from-file|tls-[\w-]+|codex-home|dir|plugin-root|tunnel-client-bin)$|^(?:health|trace) --(?:url|pid)-file$/

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'matrix-'))
  mkdirSync(join(folder, 'in'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

/** The service lives until its info file was looked at; the file goes with it, so it is copied aside first. */
async function serviceInfoFile(to: string): Promise<void> {
  const stop = new AbortController()
  const flags = {responseTimeout: '1s', clientLastSeenTimeout: '1s'} as Parameters<typeof readServeFlags>[0]
  const options = await readServeFlags(flags, {})
  let seen: {mode: number; data: Buffer} | null = null
  await serveTunnel({
    ...options,
    infoFile: to,
    stop: stop.signal,
    onUp: () => {
      seen = {mode: statSync(to).mode, data: readFileSync(to)}
      stop.abort()
    },
  })
  const {mode, data} = seen as unknown as {mode: number; data: Buffer}
  const before = process.umask(0)
  writeFileSync(to, data, {mode: mode & 0o777})
  process.umask(before)
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error, 'it was written').not.toBeNull()
  expect(isTunnelError(error), String(error)).toBe(true)
  const {message, code, next} = error as {message: string; code: string; next: readonly string[]}
  expect(code).toMatch(/^TC-/)
  expect(message).not.toContain('\n')
  expect(next.length).toBeGreaterThan(0)
  return message
}

it('knows every option that names a path', () => {
  const rows = CONFIG_ROWS.filter(({kind}) => kind === 'path').map(({key}) => key)
  const shared = new Set(CONFIG_ROWS.flatMap(({flag, flagAliases}) => [flag, ...flagAliases]))
  const flags = Object.values(
    manifest.commands as Record<string, {id: string; flags: Record<string, {helpValue?: string}>}>,
  )
    .filter(({id}) => !['run', 'doctor'].includes(id))
    .flatMap(({id, flags}) =>
      Object.entries(flags)
        .filter(
          ([name, {helpValue}]) =>
            helpValue === '<path>' && !(shared.has(name) && name !== 'profile-dir' && name !== 'profile-file'),
        )
        .map(([name]) => `${id} --${name}`),
    )
  const known = (option: string): boolean =>
    option in WRITTEN || SOCKETS.includes(option) || READ_OR_FOLDER.test(option)
  expect([...rows, ...flags].filter((option) => !known(option))).toEqual([])
})

describe.skipIf(process.platform === 'win32').each(Object.entries(WRITTEN))('%s', (option, {mode, replaces, write}) => {
  beforeEach(() => {
    path = join(
      folder,
      'in',
      option === 'a named profile' ? 'file.yaml' : option.startsWith('the token') ? 'file.token' : 'file',
    )
  })

  it.each([0o000, 0o022, 0o077])('has its mode under umask %o, and nothing stays beside it', async (umask) => {
    const before = process.umask(umask)
    await write(path).finally(() => process.umask(before))
    expect(statSync(path).mode & 0o777).toBe(mode)
    expect(readdirSync(join(folder, 'in'))).toHaveLength(1)
  })

  it('is not written through a link to a file, to nothing or to a folder', async () => {
    for (const to of ['target', 'nothing', 'folder']) {
      writeFileSync(join(folder, 'target'), 'untouched')
      mkdirSync(join(folder, 'folder'), {recursive: true})
      symlinkSync(join(folder, to), path)
      expect(await refusal(write(path))).toMatch(/link/)
      expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('untouched')
      expect(existsSync(join(folder, 'nothing'))).toBe(false)
      expect(readdirSync(join(folder, 'folder'))).toEqual([])
      expect(readdirSync(join(folder, 'in'))).toHaveLength(1)
      rmSync(path)
    }
  })

  it('is refused where a folder or a FIFO stands, without waiting', async () => {
    mkdirSync(path)
    await (option === 'log.file' ? expect(write(path)).rejects.toThrow('EISDIR') : refusal(write(path)))
    rmSync(path, {recursive: true})
    execFileSync('mkfifo', [path])
    expect(await refusal(write(path))).toContain('FIFO')
    expect(lstatSync(path).isFIFO()).toBe(true)
    expect(readdirSync(join(folder, 'in'))).toHaveLength(1)
  })

  it('does not reach what was planted under a name that others use for drafts', async () => {
    writeFileSync(join(folder, 'target'), 'untouched')
    for (const name of [`${path}.tmp`, `${path}.${process.pid}`, `${path}~`]) symlinkSync(join(folder, 'target'), name)
    await write(path)
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('untouched')
    expect(readdirSync(join(folder, 'in'))).toHaveLength(4)
  })

  it('never hands its content to the user who planted a file', async (context) => {
    needs(ROOT)(context)
    writeFileSync(path, 'planted', {mode: 0o666})
    chownSync(path, NOBODY, NOBODY)
    if (replaces) {
      await write(path)
      expect(statSync(path)).toMatchObject({uid: 0})
      expect(statSync(path).mode & 0o777).toBe(mode)
    } else {
      expect(await refusal(write(path).catch(asTunnelError))).toContain(`belongs to user ${NOBODY}`)
      expect(readFileSync(path, 'utf8')).toBe('planted')
    }
  })
})

const asTunnelError = (thrown: unknown): never => {
  throw thrown
}

describe.skipIf(process.platform === 'win32')('a socket', () => {
  it('is not bound where a link or a file stands, nor above the limit of the system', async () => {
    path = join(folder, 'in', 'sock')
    const listen = (unixSocket: string) => createHttpServer({routes: [], listen: {unixSocket}} as never)
    symlinkSync(join(folder, 'nothing'), path)
    expect(await refusal(listen(path))).toContain(path)
    rmSync(path)
    writeFileSync(path, 'a file')
    expect(await refusal(listen(path))).toContain('a file is in the way')
    expect(await refusal(listen(join(folder, 's'.repeat(120))))).toContain('a unix socket path has at most')
    expect(readdirSync(join(folder, 'in'))).toEqual(['sock'])
  })
})
