import {spawnSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {startAppServer} from '../../../../src/toolkit/codex/bridge/app-server.ts'
import {Scratch} from '../real-codex.ts'

let scratch: Scratch
beforeEach(() => {
  scratch = new Scratch()
})
afterEach(() => scratch.remove())

it('has read the last words of an app-server when it tells of its end, every time', async () => {
  const folder = scratch.path('bin')
  mkdirSync(folder)
  const program = join(folder, 'codex')
  writeFileSync(program, '#!/bin/sh\necho boom >&2\nexit 3\n', {mode: 0o755})
  for (let time = 0; time < 5; time++) {
    const server = await startAppServer({argv: [program], cwd: scratch.folder}, scratch.env('none'))
    const why = server.request('initialize', {}, 45_000).catch(({message}: Error) => message)
    // While we stand still it speaks and ends: we learn of both at the same time.
    spawnSync('sleep', ['0.1'])
    expect(await why).toBe('codex app-server exited: boom')
    await server.stop()
  }
})
