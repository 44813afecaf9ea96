// Completion in the real shells: what a person gets who presses Tab.

import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cleanEnv, RUN_JS, runCli} from '../support/cli.ts'
import {needs, program} from '../support/parts.ts'
import {terminal} from '../support/terminal.ts'

const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'
let home = ''
let env: Record<string, string | undefined> = {}
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'completion-'))
  mkdirSync(join(home, 'bin'))
  mkdirSync(join(home, 'somewhere'))
  symlinkSync(RUN_JS, join(home, 'bin', 'tunnel-client'))
  env = {HOME: home, XDG_CONFIG_HOME: undefined, PATH: `${join(home, 'bin')}${delimiter}${process.env.PATH}`}
  for (const name of ['demo', 'production']) {
    const args = ['--tunnel-id', TUNNEL, '--mcp-server-url', 'http://127.0.0.1:1/mcp', '--profile', name]
    expect((await runCli(['init', ...args], {env})).status).toBe(0)
  }
})
afterAll(() => rmSync(home, {recursive: true, force: true}))

const SHELL = {bash: 'bash --norc --noprofile -i', zsh: 'zsh -f -i'} as const
const SETUP = {
  bash: `bind 'set enable-bracketed-paste off'; source <(tunnel-client completion bash); alias tc='tunnel-client profiles'; complete -F __tunnel_client_complete tc`,
  zsh: `unsetopt zle_bracketed_paste; autoload -Uz compinit && compinit -u -D && source <(tunnel-client completion zsh); alias tc='tunnel-client profiles'`,
} as const

describe.each(['bash', 'zsh'] as const)('%s', (shell) => {
  it.for([
    ['a command', 'tunnel-client profi\tpa\tdem\t', /demo\.yaml/],
    ['the value of a flag', 'tunnel-client init --samp\tsample_mcp_r\t; echo "[$_]"', /\[sample_mcp_remote_no_auth\]/],
    ['a value behind =', 'tunnel-client profiles validate --strict=false --profile-dir=some\t x', /in somewhere\/?\./],
    ['a folder', 'tunnel-client profiles path --profile-dir ./some\t', /\nsomewhere\/?\r/],
    ['a folder below ~', 'tunnel-client profiles path --profile-dir ~/some\t', /\n\/\S*\/somewhere\/?\r/],
    ['a folder below $HOME', 'tunnel-client profiles path --profile-dir $HOME/some\t', /\n\/\S*\/somewhere\/?\r/],
    ['an alias', 'tc pa\t--profile-dir ./some\t', /\nsomewhere\/?\r/],
  ] as const)('completes %s', async ([, keys, expected], context) => {
    needs(program(shell, shell), program('script', 'bsdutils'))(context)
    const session = terminal(`cd '${home}' && ${SHELL[shell]}`, env)
    try {
      session.type(`${SETUP[shell]}; echo set-"up"\n`)
      await session.shows(/set-up\r?\n/)
      session.type(`${keys}\n`)
      await session.shows(expected)
    } finally {
      await session.close()
    }
  })
})

describe('fish', () => {
  const offers = (line: string): string[] => {
    const script = `cd '${home}'; tunnel-client completion fish | source; complete -C '${line}'`
    return execFileSync('fish', ['--no-config', '-c', script], {encoding: 'utf8', env: cleanEnv(env)})
      .trim()
      .split('\n')
  }
  it.for([
    ['tunnel-client profi', ['profiles']],
    ['tunnel-client profiles show ', ['demo', 'production']],
    ['tunnel-client run --profile=d', ['--profile=demo']],
    ['tunnel-client completion f', ['fish']],
    ['tunnel-client profiles list --profile-dir some', ['somewhere/']],
    ['tunnel-client profiles list --profile-dir=some', ['--profile-dir=somewhere/']],
    ['tunnel-client profiles list --profile-dir ~/some', ['~/somewhere/']],
    ['tunnel-client profiles list --profile-dir $HOME/some', ['$HOME/somewhere/']],
    ['tunnel-client profiles list --profile-dir=$HOME/some', ['--profile-dir=$HOME/somewhere/']],
    ['tunnel-client nonsense ', ['']],
  ] as const)('offers for %j', ([line, expected], context) => {
    needs(program('fish', 'fish'))(context)
    expect(offers(line).map((offer) => offer.split('\t')[0])).toEqual(expected)
  })
})

it('knows the runtimes of the state root, and says nothing where there are none', async () => {
  const state = join(home, 'state')
  mkdirSync(state)
  const ask = () =>
    runCli(['complete', '--current=', '--', 'runtimes', 'status'], {env: {...env, TUNNEL_CLIENT_STATE_DIR: state}})
  expect(await ask()).toEqual({status: 0, stdout: 'words\n', stderr: ''})
  writeFileSync(join(state, 'aliases.yaml'), JSON.stringify({b: {alias: 'b'}, a: {alias: 'a'}}))
  expect((await ask()).stdout).toBe('words\na\t\nb\t\n')
  await runCli(['admin-profiles', 'set', 'work'], {env: {...env, TUNNEL_CLIENT_STATE_DIR: state}})
  const profiles = ['complete', '--current=w', '--', 'admin-profiles', 'activate']
  expect((await runCli(profiles, {env: {...env, TUNNEL_CLIENT_STATE_DIR: state}})).stdout).toBe('words\nwork\t\n')
  writeFileSync(join(state, 'aliases.yaml'), '{')
  expect(await ask()).toEqual({status: 0, stdout: 'words\n', stderr: ''})
})

it('is asked by a command that nobody is told of', async () => {
  expect((await runCli(['--help'])).stdout).not.toMatch(/^ {2}complete /m)
  expect((await runCli(['complet'])).stderr).not.toContain('complete?')
})

it('prints its help without a shell, and refuses one it does not know', async () => {
  const none = await runCli(['completion'])
  expect(none).toEqual(await runCli(['completion', '--help']))
  expect(none.status).toBe(0)
  const unknown = await runCli(['completion', 'fihs'])
  expect(unknown).toMatchObject({status: 1, stdout: ''})
  expect(unknown.stderr).toContain('Did you mean fish?')
  expect((await runCli(['completion', 'bash', 'zsh'])).stderr).toContain('accepts at most 1 arg(s), received 2')
})

it.each(['bash', 'fish', 'powershell', 'zsh'])('has a script for %s, also as a document', async (shell) => {
  const {stdout} = await runCli(['completion', shell])
  expect(stdout).toContain('complete "--current=')
  expect(JSON.parse((await runCli(['completion', shell, '--json'])).stdout)).toEqual({
    schema_version: 1,
    shell,
    script: stdout,
  })
})
