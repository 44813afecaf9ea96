import {describe, expect, test} from 'vitest'
import {type ProxyFlags, readProxyFlags} from '../../../src/service/local-proxy/proxy-flags.ts'

const flags = (change: Partial<ProxyFlags> = {}): ProxyFlags => ({
  positionals: [],
  listen: undefined,
  listenUnixSocket: undefined,
  backend: 'auto',
  engineQueueBackend: 'inmem',
  duration: '0',
  readinessTimeout: '10s',
  responseTimeout: '30s',
  clientLastSeenTimeout: '20s',
  target: {commands: ['x']},
  ...change,
})

describe('refused in the words that scripts know', () => {
  test.each<[Partial<ProxyFlags>, string]>([
    [{positionals: ['a', 'b']}, 'unexpected arguments: a b'],
    [{target: {}}, 'set --mcp-server-url, --mcp-command, --profile, or --profile-file'],
    [{listen: ':1', listenUnixSocket: '/tmp/x'}, '--listen and --listen-unix-socket are mutually exclusive'],
    [{target: {profile: 'a', profileFile: 'b.yaml'}}, '--profile and --profile-file are mutually exclusive'],
    [{backend: 'rust'}, 'rust local proxy backend is unavailable in this build'],
    [{backend: 'perl'}, 'unknown local proxy backend "perl" (supported: auto, rust, go)'],
    [
      {engineQueueBackend: 'redis'},
      'redis engine queue backend requires the rust local proxy backend, but rust is unavailable in this build',
    ],
    [
      {engineQueueBackend: 'redis', backend: 'go'},
      'go local proxy backend does not support redis engine queue backend',
    ],
    [{engineQueueBackend: 'kafka'}, 'unknown engine queue backend "kafka" (supported: inmem, redis)'],
    [{listen: '8080'}, '--listen "8080" is not host:port'],
    [{duration: '5'}, 'invalid argument "5" for "--duration" flag: time: missing unit in duration "5"'],
  ])('%j', (change, message) => {
    expect(() => readProxyFlags(flags(change))).toThrow(expect.objectContaining({code: 'TC-CLI-USAGE', message}))
  })
})

test('values', () => {
  expect(readProxyFlags(flags({listen: '127.0.0.1:8443', duration: '1m30s'}))).toEqual({
    listen: {host: '127.0.0.1', port: 8443},
    durationMs: 90_000,
    readinessTimeoutMs: 10_000,
    responseTimeoutMs: 30_000,
    clientLastSeenMs: 20_000,
  })
})

test('durations that are not positive mean the default, as with the reference', () => {
  const settings = readProxyFlags(
    flags({duration: '-1s', readinessTimeout: '0', responseTimeout: '-5s', clientLastSeenTimeout: '0s'}),
  )
  expect(settings).toMatchObject({
    listen: {host: '127.0.0.1', port: 0},
    durationMs: 0,
    readinessTimeoutMs: 10_000,
    responseTimeoutMs: 30_000,
    clientLastSeenMs: 20_000,
  })
})
