// Output that does not arrive: a reader that closes its pipe ends a command quietly, a disk that is full is an error.

import {spawn} from 'node:child_process'
import {appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest'
import {RUN_JS, watchProgram} from '../support/cli.ts'
import {callsDaemon} from '../toolkit/live/calls/daemon.ts'
import {tracedCall} from '../tunnel/ops/calls/calls.ts'

const PROGRAM = `'${process.execPath}' '${RUN_JS}'`
const FULL = /^stdout cannot be written: no space left on device\. Next: .* \(TC-CLI-OUTPUT\)\n$/

let folder = ''
let env: Record<string, string> = {}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-'))
  env = {HOME: folder, TUNNEL_CLIENT_STATE_DIR: folder}
  mkdirSync(join(folder, 'logs'))
  writeFileSync(join(folder, 'logs', 'docs.log'), 'one\ntwo\n')
  writeFileSync(join(folder, 'aliases.yaml'), JSON.stringify({docs: {alias: 'docs', tunnel_id: 't', name: 'docs'}}))
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

/** A command line of bash; `$tc` is the program. Its status is that of the program. */
async function shell(line: string): Promise<{status: number | null; stdout: string; stderr: string}> {
  const running = watchProgram(['bash', '-c', `set -o pipefail; tc="${PROGRAM}"; ${line.replaceAll('$tc', PROGRAM)}`], {
    env,
  })
  const {status} = await running.exited
  return {status, stdout: running.stdout(), stderr: running.stderr()}
}

describe('a reader that has gone', () => {
  test('ends runtimes logs --follow with the next line', async () => {
    const timer = setInterval(() => appendFileSync(join(folder, 'logs', 'docs.log'), 'more\n'), 100)
    onTestFinished(() => clearInterval(timer))
    expect(await shell('$tc runtimes logs docs --follow | head -1')).toEqual({status: 141, stdout: 'one\n', stderr: ''})
  })

  test('ends trace --follow, as table and as JSON', async () => {
    const daemon = await callsDaemon()
    let last = 0
    const finish = (): void => {
      const call = tracedCall(`req-${++last}`)
      daemon.calls.started(call)
      daemon.calls.finished(call)
    }
    finish()
    const timer = setInterval(finish, 100)
    onTestFinished(() => clearInterval(timer))
    for (const flags of ['', '--json']) {
      const ended = await shell(`$tc trace --url ${daemon.url} --follow ${flags} | grep -q req-1`)
      expect(ended).toEqual({status: 141, stdout: '', stderr: ''})
    }
  })

  test.each([
    ['--version'],
    ['--help'],
    ['help quickstart'],
    ['help quickstart --json'],
    ['completion bash'],
    ['runtimes logs docs'],
    ['nonsense --json'],
  ])('ends %s with the status of SIGPIPE, and nothing is said', async (args) => {
    const child = spawn(process.execPath, [RUN_JS, ...args.split(' ')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {...process.env, ...env},
    })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const status = await new Promise((resolve) => child.once('close', resolve))
    expect({status, stderr}).toEqual({status: 141, stderr: ''})
  })

  test('does not end a daemon, which serves its callers', async () => {
    const demo = watchProgram(['bash', '-c', `${PROGRAM} dev mcp-stub | head -1; echo gone >&2; wait`], {env})
    const [, url = ''] = await demo.output(/listening on (\S+)/)
    await demo.output(/gone|listening/)
    expect((await fetch(`${url}/.well-known/oauth-authorization-server`)).status).toBe(200)
    const [, pid] = /(\d+)/.exec(readFileSync(`/proc/${demo.pid}/task/${demo.pid}/children`, 'utf8')) ?? []
    if (pid !== undefined) process.kill(Number(pid))
    await demo.stop()
  })
})

describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  test.each([
    ['--version'],
    ['--version --json'],
    ['--help'],
    ['run --help'],
    ['help quickstart'],
    ['help quickstart --json'],
    ['completion bash'],
    ['complete -- run'],
    ['profiles samples show sample_mcp_with_dcr'],
    ['runtimes list --json'],
    ['runtimes logs docs'],
    ['runtimes logs docs --follow'],
    ['health --url http://127.0.0.1:1'],
    ['nonsense --json'],
  ])('fails %s with the reason', async (args) => {
    const {status, stderr} = await shell(`$tc ${args} >/dev/full`)
    expect(stderr).toMatch(FULL)
    expect(status).toBe(1)
  })

  test.each(['--version', 'help quickstart', 'completion bash', 'nonsense --json'])(
    'that takes a part of %s fails it, too',
    async (args) => {
      const file = join(folder, 'part.txt')
      // Beyond its limit a file takes what fits, as a disk does.
      const limited = `for i in {1..10}; do echo -n 0123456789abcdef; done >'${file}'; ulimit -f 1; trap '' XFSZ`
      const {status, stderr} = await shell(`${limited}; head -c 860 /dev/zero >>'${file}'; $tc ${args} >>'${file}'`)
      expect(stderr).toMatch(/^stdout cannot be written: file too large\. Next: .* \(TC-CLI-OUTPUT\)\n$/)
      expect(status).toBe(1)
      expect(readFileSync(file).length).toBe(1024)
    },
  )

  test('behind stderr changes no status', async () => {
    expect(await shell('$tc nonsense 2>/dev/full')).toMatchObject({status: 1, stdout: ''})
    expect(await shell('$tc help quickstart >/dev/full 2>/dev/full')).toMatchObject({status: 1})
    const {status, stdout} = await shell('$tc health --url http://127.0.0.1:1 --json 2>/dev/full')
    expect({status, result: JSON.parse(stdout).result}).toEqual({status: 2, result: 'fail'})
  })

  test('does not end a daemon; stderr says what stdout has lost', async () => {
    const stub = watchProgram(['bash', '-c', `exec ${PROGRAM} dev mcp-stub --json >/dev/full`], {env})
    await stub.output(/stdout cannot be written: no space left on device.*\(TC-CLI-OUTPUT\)/)
    stub.kill()
    expect((await stub.exited).status).toBe(0)
  })
})
