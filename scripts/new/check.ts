// A doctor check: its file, its test, its registry line.

import {type Addition, camel, snake} from './addition.ts'

/** `name` is kebab-case, with its folder if it does not belong to `machine`: `mcp/tool-count`. */
export function newCheck(name: string): Addition {
  const [subject, base] = name.includes('/') ? (name.split('/') as [string, string]) : ['machine', name]
  const file = `src/toolkit/doctor/checks/${subject}/${base}.ts`
  return {
    files: {[file]: source(base), [`test/toolkit/doctor/checks/${subject}/${base}.test.ts`]: test({subject, base})},
    insertions: [
      {
        path: 'src/toolkit/doctor/registry.ts',
        before: /^import \{auth\}/m,
        text: `import {${camel(base)}} from './checks/${subject}/${base}.ts'\n`,
      },
      {path: 'src/toolkit/doctor/registry.ts', before: /^ {2}route,$/m, text: `  ${camel(base)},\n`},
    ],
    next: [`Say in ${file} what it looks at, why that matters and what to do`, 'Run: npm run check'],
  }
}

const source = (base: string): string => `// Why this is worth a look before the daemon starts: say it here.

import {pass, single} from '../../check.ts'

export const ${camel(base)} = single({
  id: '${snake(base)}',
  title: 'What is claimed when it passes',
  why: 'What goes wrong for a caller when it does not.',
  next: ['The one command or edit that mends it'],
  required: false,
  needs: [],
  run: async () => pass('what was seen'),
})
`

const test = ({subject, base}: {subject: string; base: string}): string => `import {expect, it} from 'vitest'
import {${camel(base)}} from '../../../../../src/toolkit/doctor/checks/${subject}/${base}.ts'
import {CHECKS} from '../../../../../src/toolkit/doctor/registry.ts'

it('is asked', () => {
  expect(CHECKS).toContain(${camel(base)})
})

it('says what it saw', async () => {
  const finding = await ${camel(base)}.run({} as never)
  expect(finding).toMatchObject({status: 'PASS', summary: 'what was seen'})
})
`
