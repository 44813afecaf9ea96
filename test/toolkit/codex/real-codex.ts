// The real Codex, and a scratch home for it and for us.

import {createHash} from 'node:crypto'
import {existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {watchProgram} from '../../support/cli.ts'
import type {Part} from '../../support/parts.ts'

const BIN = fileURLToPath(new URL('../../parts/codex/node_modules/.bin', import.meta.url))

/** Codex as npm ships it, in a folder of its own because of its size. */
export const CODEX: Part = {
  name: 'the Codex binary',
  get: 'Run npm ci --prefix test/parts/codex (404 MB)',
  missing: () => (existsSync(join(BIN, 'codex')) ? false : 'not installed'),
}

/** A machine with nothing on it: a home, a Codex home, and Codex on the PATH or not. */
export class Scratch {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'codex-test-')))
  readonly home = join(this.folder, 'home')
  readonly codexHome = join(this.home, '.codex')
  readonly config = join(this.codexHome, 'config.toml')
  readonly dataDir = join(this.home, '.local', 'share', 'tunnel-client')

  constructor() {
    mkdirSync(this.home, {recursive: true})
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts)
  }

  /** Variables of this machine. `codex`: the real one, none, or the folder of another one. */
  env(codex: 'real' | 'none' | {folder: string} = 'none'): Record<string, string> {
    const system = [dirname(process.execPath), '/usr/bin', '/bin'].filter(
      (folder) => !existsSync(join(folder, 'codex')),
    )
    const first = codex === 'real' ? [BIN] : codex === 'none' ? [] : [codex.folder]
    const none = Object.fromEntries(
      Object.keys(process.env)
        .filter((name) => /^XDG_|^TUNNEL_/.test(name))
        .map((name) => [name, '']),
    )
    return {...none, HOME: this.home, CODEX_HOME: this.codexHome, PATH: [...first, ...system].join(delimiter)}
  }

  /** Runs the real Codex; what it printed. */
  async codex(args: readonly string[]): Promise<{status: number | null; stdout: string; stderr: string}> {
    const running = watchProgram([join(BIN, 'codex'), ...args], {env: this.env('real'), cwd: this.folder})
    const {status} = await running.exited
    return {status, stdout: running.stdout(), stderr: running.stderr()}
  }

  remove(): void {
    rmSync(this.folder, {recursive: true, force: true, maxRetries: 5})
  }
}

/** Every file below a folder: path → mode and hash. Links by where they lead. */
export function fingerprint(folder: string, only: RegExp = /./): Record<string, string> {
  if (!existsSync(folder)) return {}
  const files = readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((path) => only.test(path))
  return Object.fromEntries(
    files.sort().map((path) => {
      const info = lstatSync(join(folder, path))
      const data = info.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(folder, path)))
            .digest('hex')
        : ''
      return [path, `${(info.mode & 0o7777).toString(8)} ${data}`]
    }),
  )
}
