// A run of the tests leaves the machine of whoever runs it as it was: their tmux server, their processes, their home.

import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {ROOT, sourcesIn} from './sources.ts'

const ours = 'test/laws/users-machine.test.ts'
const sources = [
  ...sourcesIn('src', 'commands', 'scripts', 'test', 'bin').filter(({path}) => !/\/venv\/|\/vendor\//.test(path)),
  {path: '.ci/run', text: readFileSync(join(ROOT, '.ci/run'), 'utf8')},
].filter(({path}) => path !== ours)

const finds = (pattern: RegExp): string[] =>
  sources.flatMap(({path, text}) =>
    text.split('\n').flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1} ${line.trim()}`] : [])),
  )

it('ends processes by their id only: no kill-server, pkill or killall', () => {
  expect(finds(/\bkill-server\b|\bpkill\b|\bkillall\b/)).toEqual([])
})

it("hands no home, Codex or tmux of the user to a test's programs", () => {
  const tests = finds(/process\.env(\.|\[')(HOME|CODEX_HOME|TMUX|TMUX_PANE|XDG_\w+)\b|\bhomedir\(\)/)
  expect(tests.filter((line) => line.startsWith('test/') && !line.startsWith('test/support/temp-root.'))).toEqual([])
})
