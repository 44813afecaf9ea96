// A command: its file and its test. Id, help and manifest come from the path.

import {type Addition, pascal} from './addition.ts'

/** `name` is the path of words: `dev/hello` becomes `tunnel-client dev hello`. */
export function newCommand(name: string): Addition {
  const words = name.split('/')
  const up = '../'.repeat(words.length)
  return {
    files: {[`commands/${name}.ts`]: source({words, up}), [`test/commands/${name}.test.ts`]: test({words, up})},
    insertions: [],
    next: [
      'Move what it does into a room of src/ and call its front door',
      'Run: npm run build (manifest and help), then npm run check',
    ],
  }
}

const source = ({words, up}: {words: string[]; up: string}): string => {
  const name = pascal(words.join('-'))
  return `// \`${words.join(' ')}\`: what a person gets from it, in one line.

import {note} from '${up}src/foundation/platform/index.ts'
import {BaseCommand} from '${up}src/toolkit/cli/index.ts'

export default class ${name} extends BaseCommand<typeof ${name}> {
  static override summary = 'What it does, for the list of commands'

  async run(): Promise<{result: string}> {
    const found = {result: 'ok'}
    this.present([note(found.result, 'ok')])
    return found
  }
}
`
}

const test = ({words, up}: {words: string[]; up: string}): string => {
  const args = words.map((word) => `'${word}'`).join(', ')
  return `import {expect, it} from 'vitest'
import {runCli} from '${up}support/cli.ts'

it('tells people and scripts the same', async () => {
  expect(await runCli([${args}])).toEqual({status: 0, stdout: 'ok\\n', stderr: ''})
  expect(JSON.parse((await runCli([${args}, '--json'])).stdout)).toEqual({schema_version: 1, result: 'ok'})
})
`
}
