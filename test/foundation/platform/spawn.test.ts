import {execFile, spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {beforeEach, describe, expect, it, onTestFinished} from 'vitest'
import {spawnChild} from '../../../src/foundation/platform/index.ts'
import {eventually} from '../../support/eventually.ts'
import {needs, PID_NAMESPACES} from '../../support/parts.ts'

const node = (script: string): [string, ...string[]] => [process.execPath, '-e', script]
const PATIENCE = {afterEof: 200, afterTerm: 200}
const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('runs a program with exactly the environment it is given', async () => {
  const child = await spawnChild({argv: node('process.stdout.write(JSON.stringify(process.env))'), env: {A: '1'}})
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer)
  const seen = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>
  expect(seen.A).toBe('1')
  expect(seen).not.toHaveProperty('HOME')
  expect(await child.exited).toEqual({code: 0, signal: null})
})

it('rejects with the reason of the system', async () => {
  const env = {PATH: process.env.PATH}
  await expect(spawnChild({argv: ['/nowhere/at/all'], env})).rejects.toMatchObject({code: 'ENOENT'})
  await expect(spawnChild({argv: ['/etc/passwd'], env})).rejects.toMatchObject({code: 'EACCES'})
  await expect(spawnChild({argv: ['a\0b'], env})).rejects.toThrow()
})

it('ends politely when the program does', async () => {
  const child = await spawnChild({
    argv: node('process.stdin.resume().on("end", () => process.exit(5))'),
    env: process.env,
  })
  expect(await child.stop({afterEof: 10_000, afterTerm: 10_000})).toEqual({code: 5, signal: null})
})

it('ends the whole group, whatever it ignores', async () => {
  const ignore = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);'
  const script = `${ignore} const c = require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(ignore)}], {stdio: "inherit"}); console.log(c.pid)`
  const child = await spawnChild({argv: node(script), env: process.env})
  const grandchild = Number(await new Promise((resolve) => child.stdout.once('data', resolve)))
  expect(alive(grandchild)).toBe(true)
  expect(await child.stop(PATIENCE)).toEqual({code: null, signal: 'SIGKILL'})
  await eventually('the grandchild to be gone', () => !alive(grandchild))
  expect(child.signal('SIGTERM')).toBe(false)
})

it.skipIf(spawnSync('sh', ['-c', 'setsid true']).status !== 0)(
  'does not hold the pipes of what has left the group: nothing keeps this process, and no descriptor is lost',
  async () => {
    const child = await spawnChild({
      argv: ['sh', '-c', "setsid sh -c 'echo $$; exec sleep 60' & echo last words >&2; exec cat"],
      env: process.env,
    })
    const said: string[] = []
    child.stderr.on('data', (chunk) => said.push(String(chunk)))
    const pid = Number(await new Promise((resolve) => child.stdout.once('data', resolve)))
    onTestFinished(() => void process.kill(pid, 'SIGKILL'))
    await child.stop(PATIENCE)
    await eventually('the pipes to be closed', () => child.stdout.closed && child.stderr.closed)
    expect(alive(pid)).toBe(true)
    expect(said.join('')).toBe('last words\n')
  },
)

it('does not set a limit on listeners where there is none', async () => {
  const most = process.getMaxListeners()
  onTestFinished(() => void process.setMaxListeners(most))
  process.setMaxListeners(0)
  const child = await spawnChild({argv: ['cat'], env: process.env})
  expect(process.getMaxListeners()).toBe(0)
  await child.stop(PATIENCE)
  expect(process.getMaxListeners()).toBe(0)
})

it('leaves no child behind when this process exits without stopping it', () => {
  const spawn = fileURLToPath(new URL('../../../src/foundation/platform/spawn.ts', import.meta.url))
  const script = `
    const {spawnChild} = await import(${JSON.stringify(spawn)})
    const child = await spawnChild({argv: [process.execPath, '-e', 'setInterval(() => {}, 1000)'], env: process.env})
    process.stdout.write(String(child.pid))
    process.exit(0)`
  const {stdout} = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  expect(Number(stdout)).toBeGreaterThan(0)
  return eventually('the child to be gone', () => !alive(Number(stdout)))
})

it.skipIf(process.platform === 'win32')('rejects where no descriptor is left, and this process goes on', () => {
  const spawn = fileURLToPath(new URL('../../../src/foundation/platform/spawn.ts', import.meta.url))
  const script = `
    const {closeSync, openSync} = await import('node:fs')
    const {spawnChild} = await import(${JSON.stringify(spawn)})
    const taken = []
    try { for (;;) taken.push(openSync('/dev/null', 'r')) } catch {}
    const run = () => spawnChild({argv: ['true'], env: process.env}).then((child) => child.exited, ({code}) => code)
    const said = [await run(), await run()]
    for (const fd of taken) closeSync(fd)
    process.stdout.write(JSON.stringify([...said, await run()]))`
  const command = `ulimit -n 256; exec '${process.execPath}' --import tsx --input-type=module -e "$1"`
  const {stdout, stderr} = spawnSync('/bin/sh', ['-c', command, 'sh', script], {encoding: 'utf8'})
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual(['EMFILE', 'EMFILE', {code: 0, signal: null}])
})

describe('as PID 1', () => {
  beforeEach(needs(PID_NAMESPACES))

  it('does not wait for zombies of the group, which stay until this process ends', async () => {
    const program = fileURLToPath(new URL('./zombie-group.ts', import.meta.url))
    const argv = ['-p', '-f', '--mount-proc', process.execPath, '--import', 'tsx', program]
    const {stdout} = await promisify(execFile)('unshare', argv)
    const {pid, ms, exit} = JSON.parse(stdout) as {pid: number; ms: number; exit: object}
    expect([pid, exit]).toEqual([1, {code: 0, signal: null}])
    expect(ms).toBeLessThan(5000)
  })
})
