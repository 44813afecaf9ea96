// `help`: topics, pages of commands, and that no topic tells of what is not there.

import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {splitArgv} from '../../src/foundation/platform/index.ts'
import type {CommandShape} from '../../src/toolkit/cli/argv/command-shape.ts'
import {normaliseArgv} from '../../src/toolkit/cli/argv/normalise-argv.ts'
import {HELP_TOPICS} from '../../src/toolkit/cli/index.ts'
import {ROOT} from '../laws/sources.ts'
import {runCli} from '../support/cli.ts'

const topicText = (topic: string): string => readFileSync(join(ROOT, 'templates', 'help', `${topic}.txt`), 'utf8')
const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, CommandShape>
}

it('has a text for each topic and no other', () => {
  expect(readdirSync(join(ROOT, 'templates', 'help')).sort()).toEqual(HELP_TOPICS.map((topic) => `${topic}.txt`))
})

it('lists the topics at the root, sorted', async () => {
  const {stdout} = await runCli(['help'])
  expect(stdout).toBe((await runCli(['--help'])).stdout)
  const lines = HELP_TOPICS.map((topic) => `  tunnel-client help ${topic}\n`).join('')
  expect(stdout).toContain(`Agent-first help topics:\n${lines}`)
  expect([...HELP_TOPICS]).toEqual([...HELP_TOPICS].sort())
})

describe.each(HELP_TOPICS.map((topic) => [topic]))('help %s', (topic) => {
  it('is printed as it is, also where a command has the name', async () => {
    expect(await runCli(['help', topic])).toEqual({status: 0, stdout: topicText(topic), stderr: ''})
  })

  it('shows only command lines that tunnel-client understands', () => {
    const program = {bin: 'tunnel-client', commands: Object.values(manifest.commands)}
    const lines = [...topicText(topic).matchAll(/^ +tunnel-client (.*?)(?: {3,}.*)?$/gm)].map(([, line]) => line!)
    expect(lines.length).toBeGreaterThan(1)
    const refused = lines.flatMap((line) => {
      const words = splitArgv(line)
      try {
        normaliseArgv(words.ok ? words.argv : [], program)
        return []
      } catch (thrown) {
        return [`${line}: ${(thrown as Error).message}`]
      }
    })
    expect(refused).toEqual([])
  })

  it('fits a terminal of 80 columns, but for commands and addresses to copy', () => {
    const wide = topicText(topic)
      .split('\n')
      .filter((line) => line.length > 80 && !/^ +tunnel-client |https:/.test(line))
    expect(wide).toEqual([])
  })
})

it('conveys what scripts and agents look for', () => {
  expect(topicText('quickstart')).toContain('What tunnel-client is for:')
  for (const variable of ['CONTROL_PLANE_TUNNEL_ID', 'CONTROL_PLANE_API_KEY', 'OPENAI_ADMIN_KEY'])
    expect(topicText('quickstart')).toContain(variable)
})

it('shows the page of a command, however many words it has', async () => {
  expect(await runCli(['help', 'profiles', 'samples', 'show'])).toEqual(
    await runCli(['profiles', 'samples', 'show', '--help']),
  )
  expect(await runCli(['help', 'profiles'])).toEqual(await runCli(['profiles', '--help']))
})

it('refuses what is neither, with the topics', async () => {
  const {status, stdout, stderr} = await runCli(['help', 'quikstart'])
  expect({status, stdout}).toEqual({status: 1, stdout: ''})
  expect(stderr).toContain(`topics: ${HELP_TOPICS.join(', ')}. Next: Did you mean tunnel-client help quickstart?`)
  expect((await runCli(['help', 'profiles', 'lst'])).stderr).toContain('unknown command "lst"')
})

it('is one document with --json', async () => {
  const topic = JSON.parse((await runCli(['help', 'doctor', '--json'])).stdout)
  expect(topic).toEqual({schema_version: 1, topic: 'doctor', text: topicText('doctor')})
  const page = JSON.parse((await runCli(['help', 'health', '--json'])).stdout)
  expect(page).toEqual({
    schema_version: 1,
    command: 'health',
    text: (await runCli(['health', '--help'])).stdout,
  })
  expect(JSON.parse((await runCli(['help', 'nope', '--json'])).stdout).error.code).toBe('TC-CLI-USAGE')
})

describe('an error code', () => {
  it.each([
    ['TC-CODEX-SWITCHED-OFF', 'TC-CODEX-SWITCHED-OFF', 'What to do:'],
    ['tc-tls-expired', 'TC-TLS-EXPIRED', 'Failure class: expired (rung tls)'],
    ['expired', 'TC-TLS-EXPIRED', 'Who can act: '],
  ])('%s is explained without a network', async (word, code, part) => {
    const {status, stdout} = await runCli(['help', word])
    expect({status, stdout}).toEqual({status: 0, stdout: expect.stringContaining(part)})
    expect(stdout.startsWith(`${code}\n`)).toBe(true)
    expect(JSON.parse((await runCli(['help', word, '--json'])).stdout)).toMatchObject({code, text: stdout})
  })

  it('that does not exist is refused with the nearest', async () => {
    const {status, stderr} = await runCli(['help', 'TC-TLS-EXPIRE'])
    expect({status, stderr}).toEqual({status: 1, stderr: expect.stringContaining('help TC-TLS-EXPIRED?')})
  })

  it('exists for each row of the catalogue and each failure class', async () => {
    const {codePage} = await import('../../src/toolkit/cli/help/code-page.ts')
    const {ERRORS, FAILURES, failureDocs, docsCommand} = await import('../../src/foundation/errors/index.ts')
    for (const code of Object.keys(ERRORS)) expect(codePage(code).code).toBe(code)
    for (const name of Object.keys(FAILURES) as (keyof typeof FAILURES)[]) {
      const command = docsCommand(failureDocs(name))
      expect(command).toMatch(/^tunnel-client help TC-[A-Z0-9-]+$/)
      expect(codePage(command.split(' ')[2]!).blocks.length).toBeGreaterThan(0)
    }
  })
})

describe('first contact', () => {
  it('the bare command starts with three lines that can be typed', async () => {
    const {stdout} = await runCli([])
    const [, start = ''] = /^Get started:\n((?: {2}.*\n)+)/m.exec(stdout) ?? []
    expect(start.match(/tunnel-client (init|doctor|run) /g)).toHaveLength(3)
    expect(stdout.indexOf('Get started:')).toBeLessThan(stdout.indexOf('Setup pages:'))
  })

  it('run --help: purpose, example, what is required, then the rest; each flag and variable once', async () => {
    const {stdout} = await runCli(['run', '--help'])
    const headings = ['Usage of run:', 'Connect an MCP server', 'Examples:', 'Required', 'Common flags:', 'More flags:']
    const places = headings.map((heading) => stdout.indexOf(heading))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toContain(-1)
    const flags = [...stdout.matchAll(/^ {2}--(\[no-\])?([a-z][\w.-]+)/gm)].map(([, , name]) => name)
    expect(flags.length).toBeGreaterThan(40)
    expect(new Set(flags).size).toBe(flags.length)
    for (const name of ['CONTROL_PLANE_TUNNEL_ID', 'TUNNEL_CLIENT_PROFILE', 'XDG_CONFIG_HOME', 'MCP_EXTRA_HEADERS'])
      expect(stdout.match(new RegExp(`(?<!\\$)\\b${name}\\b`, 'g')), name).toHaveLength(1)
    expect(stdout.indexOf('--admin-ui.log-buffer-events')).toBeGreaterThan(stdout.indexOf('More flags:'))
  })

  it('every summary is a short phrase', () => {
    const commands = Object.values(manifest.commands) as {id: string; summary?: string}[]
    const wrong = commands.filter(({summary = ''}) => summary.length > 60 || /\.$/.test(summary))
    expect(wrong.map(({id, summary}) => [id, summary])).toEqual([])
  })
})
