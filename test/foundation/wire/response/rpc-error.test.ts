import {describe, expect, test} from 'vitest'
import {FAILURES, type FailureClass} from '../../../../src/foundation/errors/index.ts'
import {
  failureError,
  oauthError,
  rpcError,
  unsupportedChannelOAuth,
  unsupportedChannelRpc,
  wireFailure,
} from '../../../../src/foundation/wire/index.ts'

describe('errors made on this side', () => {
  test('tunnel_failure comes first in data, its members in the order of the reference', () => {
    const options = {
      id: '"x"',
      failure: 'refused',
      ...wireFailure('refused'),
      upstreamResponded: false,
    } as const
    expect(failureError(options).toString()).toBe(
      '{"jsonrpc":"2.0","id":"x","error":{"code":-32603,"message":"Bad Gateway","data":{"tunnel_failure":{"version":1,' +
        '"source":"connect","transport_error_kind":"connection_refused","upstream_response_received":false},' +
        '"failure_class":"refused","rung":"connect","who":["you","it"],"code":"TC-CONNECT-REFUSED",' +
        '"docs":"docs/failures.md#tc-connect-refused"}}}',
    )
  })

  test('an upstream status is told, and only then', () => {
    const options = {id: '1', failure: 'mcp_status', source: 'target_http', kind: 'malformed_json'} as const
    const said = JSON.parse(failureError({...options, status: 500, upstreamResponded: true}).toString())
    expect(said.error.message).toBe('Internal Server Error')
    expect(said.error.data.tunnel_failure).toEqual({
      version: 1,
      source: 'target_http',
      transport_error_kind: 'malformed_json',
      upstream_response_received: true,
      upstream_status: 500,
    })
    const none = JSON.parse(failureError({...options, status: 502, upstreamResponded: false}).toString())
    expect(none.error.data.tunnel_failure).not.toHaveProperty('upstream_status')
    expect(none.error.data.tunnel_failure.source).not.toBe('target_http')
  })

  test('every failure class has a name on the wire that the published schema allows', () => {
    for (const failure of Object.keys(FAILURES) as FailureClass[]) {
      const {source, kind, status} = wireFailure(failure)
      const {error} = JSON.parse(
        failureError({id: null, status, failure, source, kind, upstreamResponded: false}).toString(),
      )
      expect(error.data.failure_class).toBe(failure)
      expect(error.message).not.toBe('MCP transport error')
      expect(status).toBeGreaterThanOrEqual(400)
    }
    expect(wireFailure('ttl')).toEqual({source: 'timeout', kind: 'timeout', status: 504})
    expect(wireFailure('queue_full').status).toBe(503)
    expect(wireFailure('mcp_stream_ended')).toEqual({source: 'transport_closed', kind: 'unexpected_eof', status: 502})
  })

  test('refusals of channels are those of the reference, byte for byte', () => {
    expect(unsupportedChannelRpc('7', 'tools').toString()).toBe(
      '{"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"Bad Request: unsupported channel \\"tools\\""}}',
    )
    expect(unsupportedChannelRpc(null, 'tools').toString()).toBe(
      '{"jsonrpc":"2.0","error":{"code":-32603,"message":"Bad Request: unsupported channel \\"tools\\""}}',
    )
    expect(unsupportedChannelOAuth('tools').toString()).toBe(
      '{"error":{"code":"unsupported_channel","message":"unsupported channel \\"tools\\"","type":"invalid_request_error"}}',
    )
    expect(JSON.parse(oauthError('a', 'b"').toString())).toEqual({
      error: {code: 'a', message: 'b"', type: 'invalid_request_error'},
    })
    expect(rpcError({id: '1.0', code: 5, message: 'x'}).toString()).toBe(
      '{"jsonrpc":"2.0","id":1.0,"error":{"code":5,"message":"x"}}',
    )
  })
})
