import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'

it('is asked for in words that this Node knows: an unknown flag would be complained of on stderr', () => {
  const module = fileURLToPath(new URL('../../../../src/foundation/platform/memory/roomy-heap.ts', import.meta.url))
  const script = `(await import(${JSON.stringify(module)})).useRoomyHeap()`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  expect(spawnSync(process.execPath, args, {encoding: 'utf8'})).toMatchObject({status: 0, stderr: '', stdout: ''})
})
