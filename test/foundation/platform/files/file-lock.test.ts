import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {lockFile} from '../../../../src/foundation/platform/index.ts'
import {eventually} from '../../../support/eventually.ts'

const CHILD = fileURLToPath(new URL('./lock-child.ts', import.meta.url))
/** An empty wait: taken at once or refused. */
const AT_ONCE = {waitMs: 0, what: 'a test'}
const TOMORROW = new Date(Date.now() + 86_400_000)

let folder = ''
let path = ''
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
  path = join(folder, 'lock')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, {recursive: true, force: true})
})

async function heldByChild(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, path], {stdio: ['ignore', 'pipe', 'inherit']})
  children.push(child)
  await once(child.stdout!, 'data')
  return child
}

const holder = (): Record<string, unknown> => JSON.parse(readFileSync(path, 'utf8'))
const rewrite = (change: Record<string, unknown>): void =>
  writeFileSync(path, JSON.stringify({...holder(), ...change}), {mode: 0o600})

describe('a lock', () => {
  it('is given back, and nothing stays', async () => {
    const lock = await lockFile({path, ...AT_ONCE})
    expect(lock.held()).toBe(true)
    await lock.release()
    expect(lock.held()).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })

  it('of a killed process is broken at once, also when its time lies in the future', async () => {
    const child = await heldByChild()
    child.kill('SIGKILL')
    await once(child, 'exit')
    utimesSync(path, TOMORROW, TOMORROW)
    const lock = await lockFile({path, ...AT_ONCE})
    expect(holder().pid).toBe(process.pid)
    await lock.release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('of a live process is respected, however old it looks and though it stands still', async () => {
    const child = await heldByChild()
    child.kill('SIGSTOP')
    utimesSync(path, new Date(0), new Date(0))
    await expect(lockFile({path, waitMs: 300, what: 'a test', staleMs: 50})).rejects.toMatchObject({
      code: 'TC-STATE-BUSY',
      message: expect.stringContaining(`another command is changing a test (${path}, process ${child.pid} on `),
    })
    child.kill('SIGKILL')
    await (await lockFile({path, waitMs: 5000, what: 'a test'})).release()
  })

  it.runIf(process.platform === 'linux').each([
    ['whose pid was given to another process', {birth: '1'}],
    ['of a pid that nobody has', {pid: 2 ** 22 + 1}],
  ])('%s is broken at once', async (_, change) => {
    await heldByChild()
    rewrite(change)
    await (await lockFile({path, ...AT_ONCE})).release()
  })

  it.each([
    ['on another host', {host: 'elsewhere'}],
    ['in another container', {pids: 'pid:[1]'}],
  ])('of a process %s is respected while it is touched, and broken when it stands still', async (_, change) => {
    const first = await lockFile({path, ...AT_ONCE})
    rewrite(change)
    let touches = 0
    const touching = setInterval(() => {
      touches += 1
      utimesSync(path, new Date(touches * 1000), TOMORROW)
    }, 20)
    await expect(lockFile({path, waitMs: 600, what: 'a test', staleMs: 300})).rejects.toMatchObject({
      code: 'TC-STATE-BUSY',
    })
    clearInterval(touching)
    const second = await lockFile({path, waitMs: 10_000, what: 'a test', staleMs: 300})
    expect([first.held(), second.held()]).toEqual([false, true])
    await first.release()
    expect(second.held()).toBe(true)
    await second.release()
  })

  it.each([
    ['an empty file', () => writeFileSync(path, '')],
    ['a folder of an earlier version', () => mkdirSync(path)],
  ])('that names no holder (%s) is broken when it stands still', async (_, put) => {
    put()
    await expect(lockFile({path, ...AT_ONCE})).rejects.toMatchObject({code: 'TC-STATE-BUSY'})
    await (await lockFile({path, waitMs: 10_000, what: 'a test', staleMs: 100})).release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('of a dead process goes to one of many that wait for it, and then to the next', async () => {
    await heldByChild()
    rewrite({birth: '1'})
    let inside = 0
    let most = 0
    const turns = Array.from({length: 20}, async () => {
      const lock = await lockFile({path, waitMs: 60_000, what: 'a test'})
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setTimeout(resolve, 2))
      expect(lock.held()).toBe(true)
      inside -= 1
      await lock.release()
    })
    await Promise.all(turns)
    expect(most).toBe(1)
    expect(readdirSync(folder)).toEqual([])
  })

  it('that is being broken by a process that was killed is broken by the next one', async () => {
    await heldByChild()
    rewrite({birth: '1'})
    writeFileSync(`${path}.break`, readFileSync(path))
    await (await lockFile({path, waitMs: 5000, what: 'a test'})).release()
    await eventually('no rest', () => readdirSync(folder).length === 0)
  })

  it('in a folder that is not there is an error with its reason', async () => {
    await expect(lockFile({path: join(folder, 'no', 'lock'), ...AT_ONCE})).rejects.toMatchObject({
      code: 'TC-STATE-WRITE',
      cause: {code: 'ENOENT'},
    })
    expect(existsSync(join(folder, 'no'))).toBe(false)
  })
})
