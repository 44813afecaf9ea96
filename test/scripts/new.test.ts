// Scaffolds one of each in a copy of the project and holds the result to the project's own checks.

import {spawnSync} from 'node:child_process'
import {cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {ROOT} from '../laws/sources.ts'

const COPIED = [
  'bin',
  'commands',
  'scripts',
  'src',
  'test/support',
  'package.json',
  'tsconfig.json',
  'biome.json',
  '.gitignore',
  'rolldown.config.ts',
  'vitest.config.ts',
]

/** Compilers and bundlers on a busy machine. */
const TOOLS_MS = 400_000

let copy = ''

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'tunnel-new-'))
  for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), {recursive: true})
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  for (const args of [
    ['check', 'disk-space'],
    ['command', 'dev', 'hello'],
    ['transport', 'pigeon-post'],
  ]) {
    expect(run('tsx', 'scripts/new.ts', ...args), args.join(' ')).toMatchObject({status: 0})
  }
}, TOOLS_MS)

afterAll(() => rmSync(copy, {recursive: true, force: true}))

const run = (tool: string, ...args: string[]): {status: number | null; output: string} => {
  const {status, stdout, stderr} = spawnSync(join(copy, 'node_modules/.bin', tool), args, {cwd: copy, encoding: 'utf8'})
  return {status, output: stdout + stderr}
}

describe('npm run new', () => {
  it('writes lines into the registries', () => {
    expect(readFileSync(join(copy, 'src/toolkit/doctor/registry.ts'), 'utf8')).toMatch(/^ {2}diskSpace,$/m)
    expect(readFileSync(join(copy, 'src/tunnel/channels/registry.ts'), 'utf8')).toMatch(
      /^ {2}'pigeon-post': createPigeonPostChannel,$/m,
    )
  })

  it(
    'leaves a project that compiles',
    () => {
      const {status, output} = run('tsc')
      expect(output.replace(/^npm warn.*\n/gm, '')).toBe('')
      expect(status).toBe(0)
      const touched = [
        'src/toolkit/doctor/registry.ts',
        'src/toolkit/doctor/checks/machine',
        'src/tunnel/channels/registry.ts',
        'commands/dev/hello.ts',
        'test/toolkit',
        'test/tunnel',
      ]
      expect(run('biome', 'check', ...touched).output).toContain('No fixes applied')
    },
    TOOLS_MS,
  )

  it(
    'leaves additions whose tests pass in the built program',
    () => {
      expect(run('tsx', 'scripts/build.ts')).toMatchObject({status: 0})
      const {status, output} = run(
        'vitest',
        'run',
        'test/toolkit/doctor/checks/machine/disk-space.test.ts',
        'test/commands/dev/hello.test.ts',
        'test/tunnel/channels/transports/pigeon-post.test.ts',
      )
      expect(output).toContain('4 passed, 0 failed, 0 skipped')
      expect(status).toBe(0)
    },
    TOOLS_MS,
  )

  it(
    'refuses to overwrite and to guess',
    () => {
      expect(run('tsx', 'scripts/new.ts', 'check', 'disk-space')).toMatchObject({status: 1})
      expect(run('tsx', 'scripts/new.ts', 'check', 'disk-space').output).toContain('Already there')
      expect(run('tsx', 'scripts/new.ts', 'cheque', 'x').output).toContain('Usage: npm run new check|command|transport')
      expect(run('tsx', 'scripts/new.ts', 'command', '../x').output).toContain('Usage')
    },
    TOOLS_MS,
  )
})
