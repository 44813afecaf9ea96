import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {type Cli, watchProgram} from '../../support/cli.ts'

const PROGRAM = fileURLToPath(new URL('program/run.ts', import.meta.url))

const start = (args: string[], env: Record<string, string> = {}): Cli =>
  watchProgram([process.execPath, '--import', 'tsx', PROGRAM, ...args], {env})

const run = async (...args: string[]): Promise<{status: number | null; out: string; err: string}> => {
  const little = start(args)
  const {status} = await little.exited
  return {status, out: little.stdout(), err: little.stderr()}
}

describe('a command', () => {
  it('presents for people, and its result with --json', async () => {
    expect(await run('show', 'w', '--many', 'a', '--many=b', '--wanted=false')).toEqual({
      status: 0,
      out: 'word w many a|b wanted false\n',
      err: '',
    })
    expect(await run('--json', 'show')).toEqual({
      status: 0,
      out: '{\n  "schema_version": 1,\n  "word": null,\n  "many": [],\n  "wanted": null\n}\n',
      err: '',
    })
  })

  it('may end as unhealthy, with the same status either way', async () => {
    expect((await run('show', '--unhealthy')).status).toBe(2)
    expect((await run('show', '--unhealthy', '--json')).status).toBe(2)
  })

  it('leaves stdin to whoever it belongs to', async () => {
    const little = watchProgram(['sh', '-c', `echo mine | ${process.execPath} --import tsx ${PROGRAM} show`])
    await little.exited
    expect(little.stdout()).toBe('word undefined many  wanted null\n')
  })
})

describe('an error', () => {
  it('is one line on stderr', async () => {
    expect(await run('fail')).toEqual({
      status: 1,
      out: '',
      err: 'port 8080 is taken. Next: Choose another port (TC-DAEMON-START)\n',
    })
  })

  it('is one envelope on stdout with --json', async () => {
    const {status, out, err} = await run('fail', '--json')
    expect({status, err}).toEqual({status: 1, err: ''})
    expect(JSON.parse(out)).toEqual({
      schema_version: 1,
      error: {code: 'TC-DAEMON-START', message: 'port 8080 is taken', next: ['Choose another port']},
    })
  })

  it('of ours shows no stack unless asked', async () => {
    const {status, err} = await run('fail', '--bug')
    expect(status).toBe(1)
    expect(err).toMatch(/^x is not a function\. Next: .*DEBUG=tunnel-client.* \(TC-CLI-BUG\)\n$/)
    const asked = start(['fail', '--bug'], {DEBUG: 'tunnel-client'})
    await asked.exited
    expect(asked.stderr()).toMatch(/\n {4}at .*fail\.ts/)
  })

  it.each([
    [['show', '--nope'], 'unknown flag: --nope'],
    [
      ['show', '--count', 'x'],
      'invalid argument "x" for "--count" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [['show', 'a', 'b'], 'accepts at most 1 arg(s), received 2'],
    [['shwo'], 'unknown command "shwo" for "little"'],
  ])('of the command line %j ends with 1, with and without --json', async (args, message) => {
    const text = await run(...args)
    expect(text.status).toBe(1)
    expect(text.err.startsWith(`${message}. Next: `)).toBe(true)
    const json = await run(...args, '--json')
    expect(json.status).toBe(1)
    expect(JSON.parse(json.out).error).toMatchObject({code: 'TC-CLI-USAGE', message})
  })
})

describe('signals', () => {
  it('interrupt a one-shot command: 130', async () => {
    const little = start(['wait'])
    await little.output(/waiting/)
    little.kill('SIGINT')
    expect(await little.exited).toEqual({status: 130, signal: null})
    expect(little.stderr()).toBe('interrupted (TC-CLI-INTERRUPTED)\n')
  })

  it('ask a daemon to finish: 0', async () => {
    const little = start(['serve', '--json'])
    await little.output(/serving/)
    little.kill('SIGTERM')
    expect(await little.exited).toEqual({status: 0, signal: null})
    expect(JSON.parse(little.stdout())).toEqual({schema_version: 1, address: 'here'})
  })

  it('stop a daemon now the second time: 1', async () => {
    const little = start(['serve', '--slow'])
    await little.output(/serving/)
    little.kill('SIGTERM')
    await little.output(/stopping/)
    const pressing = setInterval(() => little.kill('SIGINT'), 100)
    expect(await little.exited).toEqual({status: 1, signal: null})
    clearInterval(pressing)
  })

  it.each([
    ['SIGINT', 'SIGINT'],
    ['SIGINT', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
  ] as const)('%s and %s that arrive together are one request', async (first, second) => {
    const little = start(['serve', '--seconds'])
    await little.output(/serving/)
    little.kill(first)
    await little.output(/stopping/)
    little.kill(second)
    expect(await little.exited).toEqual({status: 0, signal: null})
  })
})
