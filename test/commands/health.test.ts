// `health` as scripts call it: lines, JSON, exit status.

import {expect, test} from 'vitest'
import {runCli} from '../support/cli.ts'
import {mcpStub} from '../toolkit/doctor/visit.ts'

test('a server that is no daemon: lines for people, status 2, nothing on stderr', async () => {
  const {baseUrl} = await mcpStub()
  const {status, stdout, stderr} = await runCli(['health', '--url', baseUrl, '--require-control-plane-poll'])
  expect(stdout).toBe(`Locator: url=${baseUrl}
Base URL: ${baseUrl}
Healthz: FAIL | ${baseUrl}/healthz | HTTP 404 | 404 page not found
Readyz: FAIL | ${baseUrl}/readyz | HTTP 404 | 404 page not found
Control-plane poll: FAIL | ${baseUrl}/metrics | HTTP 404
Result: FAIL
`)
  expect(stderr).toBe('')
  expect(status).toBe(2)
})

test('JSON', async () => {
  const {status, stdout} = await runCli(['health', '--port', '1', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    schema_version: 1,
    locator: {kind: 'port', port: 1, resolved_base_url: 'http://127.0.0.1:1'},
    result: 'fail',
  })
  expect(status).toBe(2)
})

test('wrong usage is status 1', async () => {
  const {status, stderr} = await runCli(['health'])
  expect(stderr).toContain('choose exactly one of --url, --url-file, or --port')
  expect(status).toBe(1)
})
