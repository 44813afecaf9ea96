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
