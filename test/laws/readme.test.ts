import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import type {CommandShape} from '../../src/toolkit/cli/argv/command-shape.ts'
import {normaliseArgv} from '../../src/toolkit/cli/argv/normalise-argv.ts'
import {ROOT} from './sources.ts'

const json = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'))
const {scripts} = json('package.json') as {scripts: Record<string, string>}
const commands = Object.values((json('oclif.manifest.json') as {commands: Record<string, CommandShape>}).commands)

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8')

  it('shows only command lines that tunnel-client understands', () => {
    const refused = shellLines(text).flatMap((line) =>
      invocations(line).flatMap((argv) => refusalOf(argv).map((why) => `${line}: ${why}`)),
    )
    expect(refused).toEqual([])
  })

  it('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/\bnpm run ([a-z][a-z:-]*)/g)].map(([, name]) => name!)
    expect(named.filter((name) => !scripts[name])).toEqual([])
  })

  it('links only to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, path]) => path!)
    const broken = links.filter((path) => !existsFrom(page, path))
    expect(broken).toEqual([])
  })
})

/** Commands of fenced console, sh and unnamed blocks: prompts and comments removed, continued lines joined. */
function shellLines(text: string): string[] {
  const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```/gms)]
    .filter(([, language]) => ['', 'console', 'sh', 'bash'].includes(language!))
    .map(([, , body]) => body!.replaceAll(/\\\n\s*/g, ' '))
  return blocks
    .flatMap((body) => body.split('\n'))
    .map((line) => line.replace(/^\$ /, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** The argument lists that a line hands to tunnel-client; several commands may stand on one line. */
function invocations(line: string): string[][] {
  const found: string[][] = []
  let words: string[] = []
  for (const word of [...shellWords(line), ';']) {
    if (!['&&', '||', '|', ';', '&'].includes(word)) {
      words.push(word)
      continue
    }
    const at = words.findIndex((one) => !/^[A-Z_]+=/.test(one) && !['npx', 'sudo', 'exec'].includes(one))
    if (words[at] === 'tunnel-client') found.push(words.slice(at + 1))
    words = []
  }
  return found
}

/** Words of a shell line: quotes removed, comments and redirections cut, `$( )` kept as one word. */
function shellWords(line: string): string[] {
  const words: string[] = []
  for (const [token] of line.matchAll(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\$\([^)]*\)|[^\s"'])+/g)) {
    if (token.startsWith('#')) break
    if (/^[0-9]*[<>]/.test(token)) continue
    words.push(token.replaceAll(/["']/g, ''))
  }
  return words
}

function refusalOf(argv: string[]): string[] {
  try {
    normaliseArgv(argv, {bin: 'tunnel-client', commands})
    return []
  } catch (thrown) {
    return [(thrown as Error).message]
  }
}

function existsFrom(page: string, link: string): boolean {
  try {
    readFileSync(join(ROOT, page, '..', link))
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR'
  }
}
