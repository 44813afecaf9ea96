// What a start reads, in bytes: counts are stable where milliseconds are not. Node itself says which scripts it loaded
// (NODE_V8_COVERAGE), so nothing can hide.

import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {type Cli, cli} from '../support/cli.ts'
import {ROOT} from './sources.ts'

/** Bytes of JavaScript that may be read. Raise one only with a reason in the commit message. */
const BUDGET = {help: 4_600, refusal: 420_000, daemon: 1_150_000}

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loaded-bytes-'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

const traced = (args: readonly string[], env: Record<string, string> = {}): Cli =>
  cli(args, {env: {...env, NODE_V8_COVERAGE: join(folder, 'coverage'), NODE_DISABLE_COMPILE_CACHE: '1'}})

/** Scripts of this package and its dependencies that the traced process loaded, and their bytes. */
function loaded(): {files: string[]; bytes: number} {
  const reports = readdirSync(join(folder, 'coverage')).map((name) =>
    readFileSync(join(folder, 'coverage', name), 'utf8'),
  )
  const urls = reports.flatMap((text) => (JSON.parse(text).result as {url: string}[]).map(({url}) => url))
  const paths = [...new Set(urls)].filter((url) => url.startsWith('file://')).map((url) => fileURLToPath(url))
  const files = paths
    .filter((path) => path.startsWith(ROOT))
    .map((path) => path.slice(ROOT.length + 1))
    .sort()
  return {files, bytes: files.reduce((sum, file) => sum + statSync(join(ROOT, file)).size, 0)}
}

it.each([[['--version']], [['--help']], [['run', '--help']], [['dev', '--help']]])(
  '%j reads one small script',
  async (args) => {
    expect((await traced(args).exited).status).toBe(0)
    const {files, bytes} = loaded()
    expect(files).toEqual(['bin/run.js'])
    expect(bytes).toBeLessThan(BUDGET.help)
  },
)

it('a refused command line reads neither a command nor a package', async () => {
  expect((await traced(['nonsense']).exited).status).toBe(1)
  const {files, bytes} = loaded()
  expect(files.filter((file) => /^(node_modules|dist\/commands)\//.test(file))).toEqual([])
  expect(bytes).toBeLessThan(BUDGET.refusal)
})

it('a daemon in front of an HTTP server reads the bundle and next to nothing else', async () => {
  const urlFile = join(folder, 'health.url')
  const daemon = traced(
    [
      'run',
      '--control-plane.tunnel-id',
      `tunnel_${'0'.repeat(32)}`,
      '--health.listen-addr',
      '127.0.0.1:0',
      '--health.url-file',
      urlFile,
    ],
    {
      CONTROL_PLANE_API_KEY: 'key',
      CONTROL_PLANE_BASE_URL: 'http://127.0.0.1:9',
      MCP_SERVER_URL: 'http://127.0.0.1:9/mcp',
    },
  )
  await daemon.output(/HEALTH URL/)
  daemon.kill('SIGTERM')
  expect((await daemon.exited).status).toBe(0)
  const {files, bytes} = loaded()
  const packages = new Set(files.filter((file) => file.startsWith('node_modules/')).map((file) => file.split('/')[1]))
  expect([...packages]).toEqual([])
  expect(bytes).toBeLessThan(BUDGET.daemon)
})
