import fc from 'fast-check'
import {expect, it} from 'vitest'
import {sameButOurs, withOurPlugin, withoutOurTables} from '../../../../src/toolkit/codex/config/edit-config.ts'
import {parseToml} from '../../../../src/toolkit/codex/config/read-config.ts'

const OURS = {marketplace: 'debug', withMarketplace: true}
const PLUGIN = '[plugins."tunnel-mcp@debug"]\nenabled = true\n'
const MARKETPLACE = '[marketplaces.debug]\nsource_type = "local"\nsource = "/x"\n'

const REST: [name: string, text: string][] = [
  ['nothing', ''],
  ['one key', 'model = "gpt-5"\n'],
  ['comments around a table', '# top\n\n[projects."/x"] # mine\ntrust_level = "trusted"\n'],
  ['another plugin of the same marketplace', '[plugins."other@debug"]\nenabled = true\n'],
  ['our plugin of another marketplace', '[plugins."tunnel-mcp@work"]\nenabled = true\n'],
  ['text that looks like our header', 'note = """\n[plugins."tunnel-mcp@debug"]\n[marketplaces.debug]\n"""\n'],
  ['an array over lines', "list = [\n  ['a'],\n  [1],\n]\n"],
]

it.each(REST)('takes our tables out from behind %s', async (_name, rest) => {
  const gap = rest === '' ? '' : '\n'
  expect(await withoutOurTables(`${rest}${gap}${MARKETPLACE}\n${PLUGIN}`, OURS)).toBe(rest)
})

it.each(REST)('takes our tables out from in front of %s', async (_name, rest) => {
  if (!rest.startsWith('[')) return
  expect(await withoutOurTables(`${PLUGIN}\n${MARKETPLACE}\n${rest}`, OURS)).toBe(rest)
})

it('finds our table however it is written', async () => {
  const spellings = [
    '[plugins."tunnel-mcp@debug"]\nenabled=true',
    "[ plugins . 'tunnel-mcp@debug' ] # ours\r\nenabled = true\r\n",
    '\t[plugins."tunnel-mcp@debug"]\n\tenabled = true # yes\n',
    '[plugins."tunnel-mcp@debug"]\nenabled = true\n\n[plugins."tunnel-mcp@debug".mcp_servers.tunnelMcp]\nenabled = false\n',
  ]
  for (const ours of spellings) expect(await withoutOurTables(`a = 1\n\n${ours}`, OURS)).toBe('a = 1\n')
})

it('keeps a comment that belongs to the next table', async () => {
  const text = `a = 1\n\n${PLUGIN}\n# about b\n[b]\nc = 2\n`
  expect(await withoutOurTables(text, OURS)).toBe('a = 1\n\n# about b\n[b]\nc = 2\n')
})

it('leaves a marketplace alone that is not ours', async () => {
  const text = `${MARKETPLACE}\n${PLUGIN}`
  expect(await withoutOurTables(text, {marketplace: 'debug', withMarketplace: false})).toBe(MARKETPLACE)
})

it('says so instead of guessing when our table is written inline', async () => {
  expect(await withoutOurTables('plugins = {"tunnel-mcp@debug" = {enabled = true}}\n', OURS)).toBeNull()
  expect(await withoutOurTables('[plugins]\n"tunnel-mcp@debug".enabled = true\n', OURS)).toBeNull()
  expect(await withOurPlugin('[plugins]\n"tunnel-mcp@debug".enabled = false\n', 'debug')).toBeNull()
  expect(await withoutOurTables('no toml at all', OURS)).toBeNull()
})

it('adds the plugin in the line breaks of the file, and nothing when it is there', async () => {
  expect(await withOurPlugin('', 'debug')).toBe(PLUGIN)
  expect(await withOurPlugin('a = 1', 'debug')).toBe(`a = 1\n\n${PLUGIN}`)
  expect(await withOurPlugin('a = 1\r\n', 'debug')).toBe(`a = 1\r\n\r\n${PLUGIN.replaceAll('\n', '\r\n')}`)
  const there = '[plugins]\n"tunnel-mcp@debug".enabled = true\n'
  expect(await withOurPlugin(there, 'debug')).toBe(there)
  expect(await withOurPlugin(`${PLUGIN.replace('true', 'false')}\n[z]\n`, 'debug')).toBe(`[z]\n\n${PLUGIN}`)
})

it('what was put in comes out again, byte for byte', async () => {
  const line = fc.constantFrom(
    'a',
    'b = """',
    '"""',
    '# c',
    '[t]',
    '[[l]]',
    'k = [',
    ']',
    'k = 1',
    '',
    '[plugins]',
    "x = ']'",
  )
  const texts = fc.array(line, {maxLength: 8}).map((lines) => lines.map((each) => `${each}\n`).join(''))
  let tried = 0
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      if ((await parseToml(text).catch(() => null)) === null) return
      const added = await withOurPlugin(text, 'debug')
      if (added === null) return
      tried += 1
      const back = await withoutOurTables(added, OURS)
      expect(back?.replace(/\n+$/, '')).toBe(text.replace(/\n+$/, ''))
      expect(await sameButOurs(added, text, OURS)).toBe(true)
    }),
    {numRuns: 400},
  )
  expect(tried).toBeGreaterThan(20)
})
