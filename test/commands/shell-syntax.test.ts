// A command line with shell syntax is refused wherever it can be given, with what to write instead.

import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {runCli} from '../support/cli.ts'

const ID = `tunnel_${'0'.repeat(32)}`
let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'shell-'))
})
afterEach(() => rmSync(home, {recursive: true, force: true}))

const run = (args: readonly string[], more: Record<string, string> = {}) =>
  runCli(args, {env: {HOME: home, XDG_CONFIG_HOME: undefined, CONTROL_PLANE_API_KEY: 'k', ...more}, cwd: home})

const WAYS: readonly [string, (command: string) => readonly string[]][] = [
  ['run --mcp.command', (command) => ['run', '--control-plane.tunnel-id', ID, '--mcp.command', command]],
  ['init', (command) => ['init', '--tunnel-id', ID, '--mcp-command', command]],
  [
    'profiles add --sample',
    (command) => [
      'profiles',
      'add',
      'a',
      '--sample',
      'sample_mcp_stdio_local',
      '--tunnel-id',
      ID,
      '--mcp-command',
      command,
    ],
  ],
  [
    'runtimes connect',
    (command) => ['runtimes', 'connect', '--alias', 'a', '--tunnel-id', ID, '--mcp-command', command],
  ],
  [
    'mcp.commands of a file',
    (command) => {
      const path = join(home, 't.yaml')
      const text = JSON.stringify({
        config_version: 1,
        control_plane: {tunnel_id: ID, api_key: 'env:CONTROL_PLANE_API_KEY'},
        mcp: {commands: [{channel: 'main', command}]},
      })
      writeFileSync(path, text)
      return ['run', '--config', path]
    },
  ],
]

describe.each(WAYS)('%s', (name, words) => {
  it.each([
    ['FOO=1 node x.mjs', 'assignment FOO=', 'env FOO=1 node x.mjs'],
    ['cd /srv && node x.mjs', 'starts with cd', "sh -c 'cd /srv && node x.mjs'"],
    ['node x.mjs | tee log', 'has |', "sh -c 'node x.mjs | tee log'"],
  ])('refuses %s', async (command, problem, next) => {
    const {status, stderr, stdout} = await run(words(command))
    // What the notation allows is saved by `profiles add`, as by the reference, with a warning.
    if (name === 'profiles add --sample') {
      expect({status, stdout}).toEqual({status: 0, stdout: expect.stringContaining(problem)})
    } else {
      expect({status, stderr}).toEqual({status: 1, stderr: expect.stringContaining(`no shell reads it, but it `)})
      expect(stderr).toContain(problem)
      expect(stderr).toContain(next)
      expect(existsSync(join(home, '.config', 'tunnel-client'))).toBe(false)
    }
  })
})

it('init warns of what may be an argument, and keeps it', async () => {
  const {status, stdout} = await run(['init', '--tunnel-id', ID, '--mcp-command', 'cat *.md'])
  expect({status, stdout}).toEqual({
    status: 0,
    stdout: expect.stringContaining('Warning: no shell reads mcp.command: it passes the pattern *.md as text'),
  })
})

it('doctor warns of it, too', async () => {
  const {stdout} = await run([
    'doctor',
    '--offline',
    '--only',
    'mcp_command_executable',
    '--json',
    '--control-plane.tunnel-id',
    ID,
    '--mcp.command',
    'cat *.md',
  ])
  expect(JSON.parse(stdout).checks).toMatchObject([{status: 'WARN', summary: expect.stringContaining('*.md')}])
})
