import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

/** Prints the files that importing the front door and using rows and pages evaluates. */
const LIST_LOADED = `
import {register} from 'node:module'
const hooks = 'export async function load(url, context, next) { console.log(url); return next(url, context) }'
register('data:text/javascript,' + encodeURIComponent(hooks))
const config = await import('./src/foundation/config/index.ts')
config.configReference()
config.configJsonSchema()
config.resolveConfigSource({flags: {}, env: {}})
console.log('rows: ' + config.CONFIG_ROWS.length)
`

describe('the front door', () => {
  it('gives rows and pages without loading YAML, zod or the platform room', () => {
    const root = join(import.meta.dirname, '../../..')
    const run = ['--import', 'tsx', '--input-type=module', '-e', LIST_LOADED]
    const printed = execFileSync(process.execPath, run, {cwd: root, encoding: 'utf8'})
    expect(printed).toMatch(/rows: \d{2}/)
    expect(printed).toContain('/foundation/config/rows/')
    expect(printed).not.toMatch(/node_modules\/(?:yaml|zod)\/|\/foundation\/platform\//)
  })
})
