// Values as people paste them: each is refused before anything is sent, with its place and a step that works.

import {describe, expect, it} from 'vitest'
import {TUNNEL as ID, load, problemsOf} from '../loading.ts'

const KEY = 'sk-proj-AbCdEf0123456789AbCdEf0123456789'
const URL = 'https://api.example.com'

/** What happens to any value on its way through a clipboard; what the advice has to name. */
const around = (value: string): readonly (readonly [string, string, RegExp])[] => [
  ['straight quotes', `"${value}"`, /quotes/],
  ['single quotes', `'${value}'`, /quotes/],
  ['typographic quotes', `\u201c${value}\u201d`, /typographic/],
  ['backticks', `\`${value}\``, /backticks/],
  ['a byte order mark', `\uFEFF${value}`, /U\+FEFF/],
  ['a zero-width space inside', `${value.slice(0, 12)}\u200b${value.slice(12)}`, /U\+200B/],
  ['a no-break space inside', `${value.slice(0, 12)}\u00a0${value.slice(12)}`, /U\+00A0/],
  ['a blank inside', `${value.slice(0, 12)} ${value.slice(12)}`, /blank/],
  ['export NAME=', `export NAME=${value}`, /without the name of the variable/],
  ['NAME=', `NAME=${value}`, /without the name of the variable/],
  ['angle brackets', `<${value}>`, /placeholder/],
]

const SETTINGS = [
  {
    name: 'CONTROL_PLANE_API_KEY',
    code: 'TC-CONFIG-API-KEY-MALFORMED',
    rows: [
      ...around(KEY),
      ['Bearer', `Bearer ${KEY}`, /without "Bearer"/],
      ['a header', `Authorization: Bearer ${KEY}`, /without "Bearer"/],
      ['a tunnel id', ID, /CONTROL_PLANE_TUNNEL_ID/],
      ['an admin key', 'sk-admin-AbCdEf0123456789', /Create a runtime key/],
      ['a page', 'https://platform.openai.com/settings/organization/api-keys', /not the address of a page/],
      ['a reference', 'env:MY_KEY', /key itself into the variable/],
      ['a placeholder', '<your-key>', /Replace the placeholder/],
      ['a shortened key', 'sk-...', /Replace the placeholder/],
      ['a shortened key of a page', 'sk-proj-abc\u2026xyz', /Replace the placeholder/],
      ['a masked key', 'sk-****************abcd', /Replace the placeholder/],
      ['a name', 'your-api-key', /Replace the placeholder/],
      ['a name in capitals', 'YOUR_API_KEY', /Replace the placeholder/],
      ['changeme', 'changeme', /Replace the placeholder/],
    ],
  },
  {
    name: 'CONTROL_PLANE_TUNNEL_ID',
    code: 'TC-CONFIG-TUNNEL-ID-INVALID',
    rows: [
      ...around(ID),
      ['a page', `https://platform.openai.com/settings/organization/tunnels/${ID}`, new RegExp(`only the id: ${ID}`)],
      ['a key', KEY, /CONTROL_PLANE_API_KEY/],
      ['capitals', ID.toUpperCase(), /lower case/],
      ['a comma', `${ID},`, new RegExp(`only the id: ${ID}`)],
      ['a placeholder', 'tunnel_...', /Replace the placeholder/],
    ],
  },
  ...[
    {name: 'CONTROL_PLANE_BASE_URL', code: 'TC-CONFIG-BASE-URL'},
    {name: 'MCP_SERVER_URL', code: 'TC-CONFIG-MCP-ENTRY'},
  ].map((setting) => ({
    ...setting,
    rows: [
      ...around(URL),
      ['a comma', `${URL},`, /comma/],
      ['a Markdown link', `[${URL}](${URL})`, /Markdown/],
      ['two schemes', `https://${URL}`, /scheme once/],
      ['a tunnel id', ID, /CONTROL_PLANE_TUNNEL_ID/],
      ['a key', KEY, /CONTROL_PLANE_API_KEY/],
      ['a placeholder', '<url>', /Replace the placeholder/],
    ] as const,
  })),
]

describe.each(SETTINGS)('$name', ({name, code, rows}) => {
  it.each(rows as [string, string, RegExp][])('with %s', async (_what, value, advice) => {
    const problems = await problemsOf({env: {[name]: value}})
    expect(problems).toMatchObject([{code, origin: `env ${name}`, next: [expect.stringMatching(advice)]}])
    expect(JSON.stringify(problems)).not.toContain('AbCdEf0123456789')
  })
})

it('a line break at the end does no harm to an id', async () => {
  expect((await load({env: {CONTROL_PLANE_TUNNEL_ID: `${ID}\r\n`}})).controlPlane.tunnelId.trim()).toBe(ID)
})
