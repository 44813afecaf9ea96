import {describe, expect, test} from 'vitest'
import {
  describeApiError,
  mitigationOf,
  parseApiError,
  refusedStatus,
} from '../../../../src/tunnel/control-plane/index.ts'

const parse = (body: string) => parseApiError(Buffer.from(body))

describe('what a refusing service says', () => {
  test.each([
    ['{"error":{"message":"m","type":"t","code":"c"}}', {message: 'm', type: 't', code: 'c'}],
    ['{"message":"m","code":"c"}', {message: 'm', type: null, code: 'c'}],
    ['{"detail":"Not here"}', {message: 'Not here', type: null, code: null}],
    ['{"detail":[{"loc":["x"]}]}', {message: '[{"loc":["x"]}]', type: null, code: null}],
    ['{"error":{"message":"m","code":null}}', {message: 'm', type: null, code: null}],
    ['plain text', {message: 'plain text', type: null, code: null}],
    ['"text"', {message: '"text"', type: null, code: null}],
    ['', {message: null, type: null, code: null}],
  ])('%s', (body, error) => {
    expect(parse(body)).toEqual(error)
  })

  test('text is cut at 1024 bytes', () => {
    expect(parse('é'.repeat(1000)).message).toBe(`${'é'.repeat(512)}...`)
  })

  test('a detail that is nested deeper than can be written out is shown as it came, cut', () => {
    const body = `{"detail":${'['.repeat(30_000)}${']'.repeat(30_000)}}`
    expect(parse(body).message).toBe(`${body.slice(0, 1024)}...`)
  })

  test('known codes bring advice', () => {
    const text = describeApiError({code: 'tunnel_use_forbidden', type: null, message: 'no'})
    expect(text).toBe(`tunnel_use_forbidden: no mitigation: ${mitigationOf('tunnel_use_forbidden')}`)
    expect(mitigationOf('tunnel_active_organization_required')).toContain('--control-plane.organization-id')
    expect(mitigationOf('toString')).toBeNull()
  })

  test.each([
    [401, '{"error":{"message":"m"}}', 'application/json', 'key_invalid'],
    [401, '{"error":{"code":"tunnel_use_forbidden"}}', 'application/json', 'use_forbidden'],
    [401, '{"error":{"code":"tunnel_active_organization_required"}}', 'application/json', 'org_missing'],
    [403, '{}', 'application/json', 'use_forbidden'],
    [404, '{}', 'application/json', 'tunnel_unknown'],
    [404, '404 page not found', 'text/plain', 'tunnel_unknown'],
    [404, '<html>', 'text/html; charset=utf-8', 'wrong_base_url'],
    [403, '<html>', 'text/html', 'unexpected_status'],
    [400, '{"error":{"code":"invalid_tunnel_id_format"}}', 'application/json', 'tunnel_unknown'],
    [302, '', '', 'redirected'],
    [429, '', '', 'rate_limited'],
    [413, '', '', 'too_large'],
    [500, '', '', 'service_down'],
    [503, '', '', 'service_down'],
    [418, '', '', 'unexpected_status'],
    [201, '', '', 'unexpected_status'],
  ])('%d %s (%s) is %s', (status, body, type, failure) => {
    const headers = ['X-Request-Id', 'q', 'content-type', type, 'Retry-After', '3']
    const told = refusedStatus({what: 'poll', status, headers, body: Buffer.from(body), wallNow: 0})
    expect(told).toMatchObject({failure, status, retryAfter: 3000, tunnelRequestId: 'q'})
    expect(told.message).toContain(`unexpected status ${status}`)
    expect(told.message).not.toContain('<html>')
  })
})
