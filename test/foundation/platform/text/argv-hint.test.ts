import {expect, it} from 'vitest'
import {argvHint, splitArgv} from '../../../../src/foundation/platform/index.ts'

function hintOf(command: string): string | null {
  const split = splitArgv(command)
  if (!split.ok) throw new Error(split.problem)
  return argvHint(command, split.argv)
}

it.each([
  String.raw`C:\Users\me\server.exe --x`,
  String.raw`"C:\Program Files\server.exe"`,
  String.raw`node\bin\server`,
])('says of %s that backslashes are no part of a path', (command) => {
  expect(hintOf(command)).toContain('single quotes')
})

it.each(['cd /srv && node server.js', 'KEY=1 node server.js', '~/bin/server', '$HOME/bin/server', 'source env.sh'])(
  'says of %s that no shell reads it',
  (command) => {
    expect(hintOf(command)).toContain('sh -c')
  },
)

it.each([
  'server --flag a\\ b',
  '/srv/my\\ server',
  String.raw`'C:\Program Files\server.exe'`,
  'npx -y @scope/server',
  './cd',
  '/opt/a=b/server',
])('has nothing to say of %s', (command) => {
  expect(hintOf(command)).toBeNull()
})
