// Every committed file that is derived from the sources. `npm run docs` writes them; with --check nothing is written and
// stale ones are named, which is what the laws ask.

import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {configJsonSchema, configReference} from '../src/foundation/config/index.ts'
import {embeddingPage} from './generate/embedding-page.ts'
import {errorsPage, failuresPage} from './generate/error-pages.ts'
import {loadSources, manifestText} from './generate/manifest.ts'
import {metricsPage} from './generate/metrics-page.ts'

const root = join(import.meta.dirname, '..')
const check = process.argv.includes('--check')

const files: Record<string, string> = {
  'oclif.manifest.json': manifestText(await loadSources(root)),
  'docs/configuration.md': configReference(),
  'docs/configuration.schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  'docs/embedding.md': await embeddingPage(root),
  'docs/errors.md': errorsPage(),
  'docs/failures.md': failuresPage(),
  'docs/metrics.md': metricsPage(),
}

for (const [path, text] of Object.entries(files)) {
  const current = await readFile(join(root, path), 'utf8').catch(() => undefined)
  if (current === text) continue
  if (!check) await writeFile(join(root, path), text)
  console.log(check ? `${path} is stale. Run: npm run docs` : `wrote ${path}`)
  if (check) process.exitCode = 1
}
