import {execFile} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {fileOutput} from '../../../../src/foundation/platform/logging/output.ts'
import {eventually} from '../../../support/eventually.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-test-'))
})
afterEach(() => rmSync(folder, {recursive: true}))

/** The path of a log whose folder leads to a disk without room, until {@link makeRoom}. */
function fullDisk(): string {
  symlinkSync('/dev', join(folder, 'disk'))
  return join(folder, 'disk', 'full')
}

function makeRoom(content?: string): void {
  mkdirSync(join(folder, 'room'))
  if (content !== undefined) writeFileSync(join(folder, 'room', 'full'), content)
  symlinkSync(join(folder, 'room'), join(folder, 'next'))
  renameSync(join(folder, 'next'), join(folder, 'disk'))
}

test('a file that is closed holds what was written', async () => {
  const file = join(folder, 'log')
  const output = await fileOutput(file)
  for (let i = 0; i < 1000; i++) output.write(`${i}\n`)
  await output.close()
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(1001)
})

test.skipIf(!existsSync('/dev/full'))(
  'a full disk refuses records, and takes them again when it has room',
  async () => {
    const file = fullDisk()
    const output = await fileOutput(file, {retryMs: 10})
    await eventually('a refusal', () => !output.write('lost\n'))
    makeRoom()
    await eventually('room', () => output.write('kept\n'))
    await output.close()
    expect(readFileSync(file, 'utf8')).toBe('kept\n')
  },
)

test.skipIf(!existsSync('/dev/full'))(
  'half a record that a full disk took is not continued by the next one',
  async () => {
    const file = fullDisk()
    const output = await fileOutput(file, {retryMs: 10})
    await eventually('a refusal', () => !output.write('lost\n'))
    makeRoom('whole\nhal')
    // What is opened just before the disk has room may be the full one, and takes records before it says so.
    await eventually('room', () => output.write('kept\n') && readFileSync(file, 'utf8').endsWith('kept\n'))
    await output.close()
    expect(readFileSync(file, 'utf8')).toMatch(/^whole\nhal\n(kept\n)+$/)
  },
)

test.skipIf(!existsSync('/dev/full'))('a full disk does not keep it from closing', async () => {
  const output = await fileOutput('/dev/full')
  output.write('lost\n')
  await output.close()
  const broken = await fileOutput('/dev/full')
  await eventually('a refusal', () => !broken.write('lost\n'))
  await broken.close()
})

test.skipIf(!existsSync('/dev/full'))(
  'stderr on a full disk refuses records, counts them, and takes them again when there is room',
  async () => {
    const program = fileURLToPath(new URL('./full-stderr.ts', import.meta.url))
    const log = join(folder, 'log')
    const command = `ulimit -f 8; trap '' XFSZ; exec '${process.execPath}' --import tsx '${program}' '${log}' 2>>'${log}'`
    const {stdout} = await promisify(execFile)('/bin/sh', ['-c', command])
    expect(JSON.parse(stdout)).toEqual({refused: expect.any(Number), again: true})
    expect(readFileSync(log, 'utf8')).toMatch(/^\nkept\n/)
  },
)
