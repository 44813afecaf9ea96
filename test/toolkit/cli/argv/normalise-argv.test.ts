import {describe, expect, it} from 'vitest'
import type {ProgramShape} from '../../../../src/toolkit/cli/argv/command-shape.ts'
import {asksForJson, normaliseArgv} from '../../../../src/toolkit/cli/argv/normalise-argv.ts'

const json = {name: 'json', type: 'boolean'} as const

const program: ProgramShape = {
  bin: 'tunnel-client',
  commands: [
    {
      id: 'run',
      flags: {
        json,
        'mcp.command': {name: 'mcp.command', type: 'option', multiple: true},
        'health.listen-addr': {name: 'health.listen-addr', type: 'option'},
        'log.http-raw-unsafe': {name: 'log.http-raw-unsafe', type: 'boolean', allowNo: true},
      },
    },
    {id: 'admin:tunnels:get', args: {tunnel_id: {required: true}}, flags: {json, wait: {name: 'wait', type: 'option'}}},
    {
      id: 'admin:tunnels:list',
      flags: {json, 'organization-id': {name: 'organization-id', type: 'option', multiple: true}},
    },
    {id: 'codex:diagnose', args: {alias: {}}, flags: {json}},
    {id: 'codex:assistant', args: {prompt: {}}, strict: false, flags: {json}},
    {
      id: 'runtimes:stop',
      aliases: ['runtimes:disconnect'],
      args: {alias: {required: true}},
      flags: {json, b: {name: 'b', type: 'option', required: true}, a: {name: 'a', type: 'option', required: true}},
    },
  ],
}

const read = (...argv: string[]): unknown => normaliseArgv(argv, program)

const refusal = (...argv: string[]): {message: string; code: string; exit: number; next: readonly string[]} => {
  try {
    normaliseArgv(argv, program)
  } catch (thrown) {
    const {message, code, exitCode, next} = thrown as Error & {code: string; exitCode: number; next: string[]}
    return {message, code, exit: exitCode, next}
  }
  throw new Error(`accepted: ${argv.join(' ')}`)
}

describe('flags before the subcommand', () => {
  it.each([
    ['between group and verb', ['admin', '--json', 'tunnels', 'get', 'X']],
    ['before everything', ['--json', 'admin', 'tunnels', 'get', 'X']],
    ['after the positional', ['admin', 'tunnels', 'get', 'X', '--json']],
  ])('%s', (_, argv) => {
    expect(read(...argv)).toEqual({kind: 'command', id: 'admin:tunnels:get', argv: ['--json', '--', 'X']})
  })

  it('keeps the value of such a flag from being taken for a command word', () => {
    expect(read('admin', '--wait', 'tunnels', 'tunnels', 'get', 'X')).toEqual({
      kind: 'command',
      id: 'admin:tunnels:get',
      argv: ['--wait=tunnels', '--', 'X'],
    })
  })

  it('refuses a flag that the command does not have, though a sister has it', () => {
    expect(refusal('admin', '--organization-id', 'o', 'tunnels', 'get', 'X').message).toBe(
      'unknown flag: --organization-id',
    )
  })
})

describe('Go booleans', () => {
  it.each(['1', 't', 'T', 'TRUE', 'true', 'True'])('%s is true', (value) => {
    expect(read('run', `--log.http-raw-unsafe=${value}`)).toMatchObject({argv: ['--log.http-raw-unsafe']})
  })

  it.each(['0', 'f', 'F', 'FALSE', 'false', 'False'])('%s is false', (value) => {
    expect(read('run', `--log.http-raw-unsafe=${value}`)).toMatchObject({argv: ['--no-log.http-raw-unsafe']})
    expect(read('run', `--json=${value}`)).toMatchObject({argv: []})
  })

  it('turns --no-flag=false into the flag', () => {
    expect(read('run', '--no-log.http-raw-unsafe=false')).toMatchObject({argv: ['--log.http-raw-unsafe']})
  })

  it.each(['yes', '', 'TrUe'])('refuses %j', (value) => {
    expect(refusal('run', `--json=${value}`).message).toBe(
      `invalid argument ${JSON.stringify(value)} for "--json" flag: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`,
    )
  })

  it('does not take the next word as a value', () => {
    expect(read('codex', 'diagnose', '--json', 'false')).toMatchObject({argv: ['--json', '--', 'false']})
  })
})

describe('version and help', () => {
  it.each([['-v'], ['--version'], ['--version=true']])('%s', (flag) => {
    expect(read(flag)).toEqual({kind: 'version', json: false})
  })

  it('has the version as JSON', () => expect(read('--version', '--json')).toEqual({kind: 'version', json: true}))

  it('knows -v at the root only', () => {
    expect(refusal('run', '-v').message).toBe("unknown shorthand flag: 'v' in -v")
    expect(refusal('run', '--version').message).toBe('unknown flag: --version')
  })

  it.each([
    [[], ''],
    [['--help'], ''],
    [['-h', 'run'], 'run'],
    [['run', '--help'], 'run'],
    [['run', '--mcp.command', 'x', '-h'], 'run'],
    [['runtimes'], 'runtimes'],
    [['admin', 'tunnels', '--help'], 'admin:tunnels'],
    [['help', 'admin', 'tunnels', 'get'], 'admin:tunnels:get'],
    [['help'], ''],
  ])('%j shows the page %j', (argv, id) => expect(read(...argv)).toEqual({kind: 'help', id}))

  it('takes --help behind a flag as the value that it is', () => {
    expect(read('run', '--mcp.command', '--help')).toMatchObject({kind: 'command', argv: ['--mcp.command=--help']})
  })

  it('does not look for flags behind --', () => {
    expect(read('codex', 'assistant', '--', '--help')).toMatchObject({kind: 'command', argv: ['--', '--help']})
  })
})

describe('repeated flags', () => {
  it('leave positionals alone', () => {
    expect(read('codex', 'diagnose', 'alias')).toMatchObject({argv: ['--', 'alias']})
    expect(read('run', '--mcp.command', 'a', '--mcp.command=b c', '--json')).toMatchObject({
      argv: ['--json', '--mcp.command=a', '--mcp.command=b c'],
    })
    expect(refusal('run', '--mcp.command', 'a', 'b').message).toBe('accepts 0 arg(s), received 1')
  })

  it('of a single flag: the last one counts', () => {
    expect(read('run', '--health.listen-addr', ':1', '--health.listen-addr=:2')).toMatchObject({
      argv: ['--health.listen-addr=:2'],
    })
  })

  it('keep empty values, blanks, equals signs and leading dashes', () => {
    expect(read('run', '--mcp.command=', '--mcp.command', '-x=1 y')).toMatchObject({
      argv: ['--mcp.command=', '--mcp.command=-x=1 y'],
    })
  })
})

describe('mistakes', () => {
  it.each([
    [['--nope'], 'unknown flag: --nope'],
    [['run', '--nope=1'], 'unknown flag: --nope'],
    [['run', '-x'], "unknown shorthand flag: 'x' in -x"],
    [['run', '--=x'], 'bad flag syntax: --=x'],
    [['run', '--mcp.command'], 'flag needs an argument: --mcp.command'],
    [['admin', 'tunnels', 'get'], 'accepts 1 arg(s), received 0'],
    [['admin', 'tunnels', 'get', 'a', 'b'], 'accepts 1 arg(s), received 2'],
    [['codex', 'diagnose', 'a', 'b'], 'accepts at most 1 arg(s), received 2'],
    [['runtimes', 'stop', 'x'], 'required flag(s) "a", "b" not set'],
    [['runtimes', 'disconnect', 'x', '--a=1'], 'required flag(s) "b" not set'],
    [['admin', '--json'], 'tunnel-client admin does nothing without a command'],
    [['nonsense'], 'unknown command "nonsense" for "tunnel-client"'],
  ])('%j: %s', (argv, message) => {
    expect(refusal(...argv)).toMatchObject({message, code: 'TC-CLI-USAGE', exit: 1})
  })

  it.each([
    [['rum'], 'unknown command "rum" for "tunnel-client"', 'Did you mean tunnel-client run?'],
    [
      ['runtimes', 'stob'],
      'unknown command "stob" for "tunnel-client runtimes"',
      'Did you mean tunnel-client runtimes stop?',
    ],
    [
      ['admin', 'tunnels', 'lst'],
      'unknown command "lst" for "tunnel-client admin tunnels"',
      'Did you mean tunnel-client admin tunnels list?',
    ],
    [['run', '--health.listen-adr=x'], 'unknown flag: --health.listen-adr', 'Did you mean --health.listen-addr?'],
  ])('%j suggests the nearest', (argv, message, next) => {
    const refused = refusal(...argv)
    expect(refused.message).toBe(message)
    expect(refused.next[0]).toBe(next)
  })
})

it('sees --json on a line that makes no sense otherwise', () => {
  expect(asksForJson(['nope', '--x', '--json'])).toBe(true)
  expect(asksForJson(['nope', '--json=T'])).toBe(true)
  expect(asksForJson(['nope', '--json=0'])).toBe(false)
  expect(asksForJson(['nope', '--', '--json'])).toBe(false)
})
