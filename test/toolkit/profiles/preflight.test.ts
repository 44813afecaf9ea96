// Command lines are judged without being run.

import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {splitArgv} from '../../../src/foundation/platform/index.ts'
import {preflightCommand} from '../../../src/toolkit/profiles/preflight/preflight-command.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'preflight-'))
  const put = async (name: string, text: string, mode = 0o755) => {
    await writeFile(join(folder, name), text)
    await chmod(join(folder, name), mode)
  }
  await put('good', '#!/bin/sh\n')
  await put('plain', '#!/bin/sh\n', 0o644)
  await put('lost', '#!/nonexistent/interpreter\n')
  await put('lost-env', '#!/usr/bin/env no-such-interpreter\n')
  await put('server.js', '')
  await mkdir(join(folder, 'dir'))
})
afterAll(() => rm(folder, {recursive: true}))

const look = (command: string) => {
  const words = splitArgv(command)
  if (!words.ok) throw new Error(words.problem)
  return preflightCommand(words.argv, {env: {PATH: `${folder}:${process.env.PATH}`}, cwd: folder})
}

describe('fine', () => {
  test.each([
    'good',
    './good --flag',
    'node server.js --port 1',
    'node --import ./x.js server.js',
    'node -e 1',
    'python3 -m server',
    'sh -c "exec good"',
    'sh -c "A=1 env B=2 node server.js"',
    'sh -c "cd /elsewhere && node missing.js"',
    'env -u HOME A=1 good',
    'env -S "node server.js"',
    'sh good',
  ])('%s', async (command) => {
    expect(await look(command)).toMatchObject({ok: true})
  })

  test('tells the file that would be started', async () => {
    expect(await look('good')).toEqual({ok: true, resolved: join(folder, 'good')})
  })
})

describe('not fine', () => {
  test.each([
    ['no-such-program', 'stdio MCP executable "no-such-program" was not found; fix:'],
    ['./plain', 'is not executable; fix: chmod +x'],
    ['./dir', 'is a directory; fix:'],
    ['./lost', 'uses an unavailable interpreter'],
    ['./lost', 'update the shebang'],
    ['./lost-env', 'uses an unavailable interpreter'],
    ['node missing.js', 'stdio MCP script "missing.js" was not found; fix:'],
    ['node ./dir', 'is a directory'],
    ['sh -c "exec no-such-program"', 'no-such-program'],
    ['sh -c', 'has no command behind -c'],
    ['sh missing.sh', 'missing.sh'],
    ['env A=1', 'does not name a command'],
    ['env A=1 no-such-program', 'no-such-program'],
  ])('%s', async (command, words) => {
    const seen = await look(command)
    expect(seen).toMatchObject({ok: false, problem: expect.stringContaining(words)})
  })
})
