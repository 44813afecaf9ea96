import {expect, it} from 'vitest'
import {Secret} from '../../../../src/foundation/platform/index.ts'
import {redacted, redactedText} from '../../../../src/toolkit/codex/mcp-server/redact.ts'

const SECRET = 'hunter2hunter2'

it.each([
  `Authorization: Bearer ${SECRET}`,
  `--api-key ${SECRET} --verbose`,
  `--token=${SECRET}`,
  `OPENAI_API_KEY=${SECRET} node x`,
  `{"access_token":"${SECRET}"}`,
  `password: ${SECRET}`,
  `https://user:${SECRET}@host/x`,
  `Set-Cookie: sid=${SECRET}; Path=/`,
  'key sk-abcdefghijklmnop1234',
  `-----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n-----END RSA PRIVATE KEY-----`,
])('hides the secret in %j', (text) => {
  const shown = redactedText(text)
  expect(shown).toContain('[REDACTED]')
  expect(shown).not.toMatch(/hunter2|sk-abc/)
})

it.each([
  'api_key=env:CONTROL_PLANE_API_KEY',
  '--runtime-api-key file:/run/key',
  ['token: ', '{TOKEN}'].join('$'),
  'token_url=https://auth.example.com',
  'secret_length=32',
  'a task-runner-server started',
  '"tunnel_id": "tunnel_00000000000000000000000000000000"',
])('keeps %j', (text) => {
  expect(redactedText(text)).toBe(text)
})

it('hides members by name, and their values wherever they stand', () => {
  const shown = redacted({
    headers: {authorization: `Bearer ${SECRET}`},
    clientSecret: SECRET,
    admin_key: 'env:OPENAI_ADMIN_KEY',
    log: [`connecting with ${SECRET}`],
    process: {target_kind: 'command', target_value: 'my-server --verbose'},
  })
  expect(JSON.stringify(shown)).not.toContain('hunter2')
  expect(shown).toMatchObject({admin_key: 'env:OPENAI_ADMIN_KEY', process: {target_value: '[REDACTED]'}})
})

it('does not follow data without end', () => {
  let deep: unknown = SECRET
  for (let level = 0; level < 500; level += 1) deep = {deep}
  expect(JSON.stringify(redacted(deep))).not.toContain(SECRET)
})

it('redacts a secret of this process, also in Base64', () => {
  new Secret('plugin-canary-0123456789')
  const shown = redactedText(`plugin-canary-0123456789 ${Buffer.from('x plugin-canary-0123456789').toString('base64')}`)
  expect(shown).not.toMatch(/canary|Y2FuYXJ5|NhbmFye|jYW5hcn/)
})
