// A Codex that stops in the middle: everything it did until then is taken back.

import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {eventually} from '../../../support/eventually.ts'
import {fingerprint, Scratch} from '../real-codex.ts'
import {pluginOf} from './rig.ts'

let scratch: Scratch
beforeEach(() => {
  scratch = new Scratch()
  mkdirSync(scratch.codexHome, {recursive: true})
  writeFileSync(scratch.config, 'a = 1\r\n', {mode: 0o640})
})
afterEach(() => scratch.remove())

/** A program that edits config.toml as Codex does, and then does `last`. */
function codexThat(last: string): string {
  const folder = scratch.path('bin')
  mkdirSync(folder)
  const script = `#!/bin/sh
case "$*" in
  "plugin marketplace list --json") echo '{"marketplaces":[]}' ;;
  "plugin marketplace add "*) printf 'a = 1\\n\\n[marketplaces.debug]\\nsource_type = "local"\\nsource = "%s"\\n' "$4" > "$CODEX_HOME/config.toml"; chmod 600 "$CODEX_HOME/config.toml"; echo '{}' ;;
  "plugin add "*) mkdir -p "$CODEX_HOME/plugins/cache/debug/tunnel-mcp/1.2.3"; ${last} ;;
esac
`
  writeFileSync(join(folder, 'codex'), script, {mode: 0o755})
  return folder
}

it('when it is interrupted', async () => {
  const before = fingerprint(scratch.codexHome)
  const marker = scratch.path('marker')
  const folder = codexThat(`touch '${marker}'; sleep 600`)
  const interrupt = new AbortController()
  const installing = pluginOf(scratch, scratch.env({folder})).install({signal: interrupt.signal})
  const outcome = installing.then(
    () => 'installed',
    (error: Error) => error.message,
  )
  await eventually('Codex at work', async () => existsSync(marker))
  expect(readFileSync(scratch.config, 'utf8')).toContain('[marketplaces.debug]')
  interrupt.abort()
  expect(await outcome).toMatch(/interrupted/)
  expect(fingerprint(scratch.codexHome, /config|tunnel-mcp/)).toEqual(before)
  expect(fingerprint(scratch.dataDir, /codex-/)).toEqual({})
})

it.each([
  ['fails', 'echo "Error: no space left" >&2; exit 1', 'TC-CODEX-REFUSED', /no space left$/],
  ['prints no JSON', 'echo done', 'TC-CODEX-REFUSED', /done/],
  ['reports success and does nothing', `echo '{"installedPath":"/nowhere"}'`, 'TC-CODEX-REFUSED', /did not take/],
])('when it %s', async (_name, last, code, message) => {
  const before = fingerprint(scratch.codexHome)
  const plugin = pluginOf(scratch, scratch.env({folder: codexThat(last)}))
  await expect(plugin.install()).rejects.toMatchObject({code, message: expect.stringMatching(message)})
  expect(fingerprint(scratch.codexHome, /config|tunnel-mcp/)).toEqual(before)
  expect(fingerprint(scratch.dataDir, /codex-/)).toEqual({})
})
