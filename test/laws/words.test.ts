import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {hostname, userInfo} from 'node:os'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {ROOT, sourcesIn} from './sources.ts'

const house = sourcesIn('src', 'commands')

const finds = (pattern: RegExp, allowed: (path: string) => boolean = () => false): string[] =>
  house
    .filter(({path}) => !allowed(path))
    .flatMap(({path, text}) =>
      text
        .split('\n')
        .flatMap((line, at) =>
          pattern.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line) ? [`${path}:${at + 1} ${line.trim()}`] : [],
        ),
    )

it('writes no numeric exit code: name a row of Exit', () => {
  expect(
    finds(/\b(exit|setExit)\(\s*\d|exitCode\s*=\s*\d|\bexit:\s*\d/, (path) => path.endsWith('errors/exit.ts')),
  ).toEqual([])
})

it('ends the process only in bin/ and in the base command', () => {
  expect(finds(/process\.(exit|abort|reallyExit)\(/, (path) => path.endsWith('cli/base-command.ts'))).toEqual([])
})

it('leaves process.exitCode to the command line', () => {
  expect(finds(/process\.exitCode\b/, (path) => path.startsWith('src/toolkit/cli/'))).toEqual([])
})

it('has one HTTP door, and no undici class that loops or hides answers', () => {
  expect(finds(/\b(Env)?(Http)?ProxyAgent\b/)).toEqual([])
  expect(finds(/UND_ERR/, (path) => path.startsWith('src/foundation/platform/http/'))).toEqual([])
  expect(
    finds(/(?<![.\w])fetch\(|globalThis\.fetch/, (path) => path.startsWith('src/foundation/platform/http/')),
    'Use the HTTP door',
  ).toEqual([])
})

it('prints only through the command line', () => {
  expect(
    finds(/\bconsole\.|process\.std(out|err)\.write\(/, (path) =>
      /^src\/toolkit\/cli\/|platform\/(log|logging)|resident-resolver/.test(path),
    ),
  ).toEqual([])
})

it('gives lines to a block one by one: a joined text would let the text of a remote party add lines', () => {
  expect(finds(/\btext\((.*\.join\('\\n'\)|['`][^'`]*\\n)/), 'Give text() a list of lines').toEqual([])
})

it('names no machine, home or private registry in what is committed', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], {cwd: ROOT, encoding: 'utf8'}).split('\0').filter(Boolean)
  // The user's home, not that of the tests.
  const home = userInfo().homedir
  const traces = [`${ROOT}/`, ...(home === '/' ? [] : [`${home}/`]), ...(hostname().length > 8 ? [hostname()] : [])]
  const registry = /https?:\/\/[^\s"'/]*(artifactory|nexus|verdaccio|jfrog|npm-mirror|registry\.(?!npmjs\.org))[^\s"']*/
  const wrong = tracked.filter((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8')
    return traces.some((trace) => text.includes(trace)) || registry.test(text)
  })
  expect(wrong).toEqual([])
})
