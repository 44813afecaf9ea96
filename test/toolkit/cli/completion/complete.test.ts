import {describe, expect, it} from 'vitest'
import {complete} from '../../../../src/toolkit/cli/index.ts'

const program = {
  bin: 'tunnel-client',
  version: '1',
  description: '',
  topics: {admin: {description: 'Admin'}, secret: {hidden: true}},
  commands: [
    {
      id: 'run',
      summary: 'Run',
      flags: {
        profile: {name: 'profile', type: 'option', summary: 'Profile'},
        'profile-dir': {name: 'profile-dir', type: 'option'},
        config: {name: 'config', type: 'option', helpValue: '<path>'},
        format: {name: 'format', type: 'option', options: ['json', 'text']},
        target: {name: 'target', type: 'option', multiple: true},
        open: {name: 'open', type: 'boolean', allowNo: true},
        old: {name: 'old', type: 'boolean', hidden: true},
        json: {name: 'json', type: 'boolean'},
      },
    },
    {id: 'admin:tunnels:get', summary: 'Get', args: {id: {name: 'id', required: true}}},
    {id: 'profiles:rm', aliases: ['profiles:remove'], summary: 'Remove', args: {name: {name: 'name'}}},
    {id: 'ask', hidden: true},
    {id: 'secret:x'},
    {id: 'help', summary: 'Help'},
  ],
} as const

const asked: string[] = []
const at = async (...line: string[]): Promise<string[]> => {
  const {kind, candidates} = await complete({
    words: line.slice(0, -1),
    current: line.at(-1) ?? '',
    program: program as never,
    lookUp: async (wanted, flags) => {
      asked.push(`${wanted} in ${flags.get('profile-dir')}`)
      if (wanted === 'profile') return ['demo', 'prod']
      throw new Error('nothing to look up')
    },
  })
  return kind === 'words' ? candidates.map(({value}) => value) : [kind]
}

describe('words of commands', () => {
  it.each([
    [[''], ['admin', 'help', 'profiles', 'run']],
    [['r'], ['run']],
    [['admin', ''], ['tunnels']],
    [['--json', 'admin', 'tunnels', ''], ['get']],
    [
      ['profiles', ''],
      ['remove', 'rm'],
    ],
    [['nonsense', ''], []],
    [['admin', 'nonsense', ''], []],
  ])('%j', async (line, expected) => expect(await at(...line)).toEqual(expected))
})

describe('flags', () => {
  it.each([
    [['-'], ['--help', '--json', '--version']],
    [
      ['run', '--p'],
      ['--profile', '--profile-dir'],
    ],
    [['run', '--profile', 'x', '--p'], ['--profile-dir']],
    [['run', '--target', 'x', '--t'], ['--target']],
    [['run', '--no'], []],
    [['run', '--no-'], ['--no-open']],
    [['run', '--o'], ['--open']],
    [['run', '--', '--p'], []],
  ])('%j', async (line, expected) => expect(await at(...line)).toEqual(expected))
})

describe('values', () => {
  it.each([
    [
      ['run', '--profile', ''],
      ['demo', 'prod'],
    ],
    [['run', '--profile', 'p'], ['prod']],
    [['run', '--profile=p'], ['--profile=prod']],
    [['run', '--format=j'], ['--format=json']],
    [['run', '--config', '/e'], ['files']],
    [['run', '--config=/e'], ['files']],
    [['run', '--profile-dir', ''], ['dirs']],
    [['run', '--target', ''], []],
    [['run', '--open=t'], []],
    [
      ['profiles', 'rm', ''],
      ['demo', 'prod'],
    ],
    [['profiles', 'remove', 'd'], ['demo']],
    [['profiles', 'rm', 'demo', ''], []],
    [
      ['profiles', 'rm', '--', ''],
      ['demo', 'prod'],
    ],
    [['admin', 'tunnels', 'get', ''], []],
    [['help', 'q'], ['quickstart']],
    [['help', 'admin', 'tunnels', ''], ['get']],
  ])('%j', async (line, expected) => expect(await at(...line)).toEqual(expected))

  it('are looked up with what the line gives so far', async () => {
    asked.length = 0
    await at('run', '--profile-dir', '/a', '--profile', '')
    await at('run', '--profile-dir=/b', '--profile', '')
    expect(asked).toEqual(['profile in /a', 'profile in /b'])
  })
})
