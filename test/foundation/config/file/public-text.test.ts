import {expect, it} from 'vitest'
import {publicText} from '../../../../src/foundation/config/index.ts'

it('leaves a profile of references as it is, to the byte', async () => {
  const text = `# my key is in env:KEY\nconfig_version: 1 # one\ncontrol_plane:\n  api_key:   'env:KEY'\nmcp: {extra_headers: {X: "file:/x"}}\n`
  expect(await publicText(text)).toBe(text)
})

it.each([
  ['a key', 'control_plane: {tunnel_id: t, api_key: s3cr3t-value}'],
  ['a key in block form', 'control_plane:\n  api_key: >-\n    s3cr3t-value\n  tunnel_id: t\n'],
  ['a header', 'mcp:\n  extra_headers:\n    X-Any: "s3cr3t-value"\n'],
  ['a password in a URL', 'mcp: {server_urls: [{url: "http://u:s3cr3t-value@host/"}]}'],
  ['an argument', 'mcp:\n  commands:\n    - command: "server --token s3cr3t-value"\n'],
  ['a key in a file that is not YAML', 'control_plane: {{\n  api_key: s3cr3t-value\n'],
])('hides %s', async (_, text) => {
  expect(text).toContain('s3cr3t')
  expect(await publicText(text)).not.toContain('s3cr3t')
})
