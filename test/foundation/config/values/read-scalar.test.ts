import {describe, expect, it} from 'vitest'
import {problemsOf} from '../loading.ts'

describe('numbers, durations and booleans that cannot be', () => {
  const flagText = (flag: string, value: string, why: string): string =>
    `invalid argument "${value}" for "--${flag}" flag: ${why}`
  const atoi = (value: string): string => `strconv.Atoi: parsing "${value}": invalid syntax`
  const parseInt10 = (value: string): string => `strconv.ParseInt: parsing "${value}": invalid syntax`

  it.each([
    ['control-plane.max-inflight', '0', 'control-plane.max-inflight must be greater than zero'],
    ['control-plane.max-inflight', '10001', 'control-plane.max-inflight must be less than or equal to 10000'],
    ['control-plane.max-inflight', 'x', flagText('control-plane.max-inflight', 'x', parseInt10('x'))],
    ['control-plane.max-inflight', '', flagText('control-plane.max-inflight', '', parseInt10(''))],
    [
      'control-plane.max-inflight',
      '99999999999999999999',
      flagText(
        'control-plane.max-inflight',
        '99999999999999999999',
        'strconv.ParseInt: parsing "99999999999999999999": value out of range',
      ),
    ],
    ['control-plane.poll-timeout', '0', 'control-plane.poll-timeout must be greater than zero'],
    ['control-plane.poll-timeout', '-1s', 'control-plane.poll-timeout must be greater than zero'],
    [
      'control-plane.poll-timeout',
      '30',
      flagText('control-plane.poll-timeout', '30', 'time: missing unit in duration "30"'),
    ],
    [
      'control-plane.poll-timeout',
      '10m',
      'control-plane.poll-timeout plus control-plane.poll-deadline-guardrail must be less than or equal to 10m0s',
    ],
    ['control-plane.poll-deadline-guardrail', '1m', 'control-plane.poll-deadline-guardrail must be less than 1m0s'],
    ['control-plane.poll-deadline-guardrail', '0', 'control-plane.poll-deadline-guardrail must be greater than zero'],
    ['mcp.connection-max-ttl', '0s', 'mcp.connection-max-ttl must be positive'],
    ['mcp.startup-wait-timeout', '-1ns', 'mcp.startup-wait-timeout must not be negative'],
    ['mcp.max-concurrent-requests', '0', 'mcp.max-concurrent-requests must be greater than zero'],
    ['drain-timeout', '-1s', 'drain-timeout must not be negative'],
    ['admin-ui.log-buffer-events', '0', 'admin-ui.log-buffer-events must be greater than zero'],
    ['admin-ui.log-buffer-events', '100001', 'admin-ui.log-buffer-events must be <= 100000'],
    [
      'log.http-raw-unsafe',
      'yes',
      flagText('log.http-raw-unsafe', 'yes', 'strconv.ParseBool: parsing "yes": invalid syntax'),
    ],
  ])('--%s=%s', async (flag, value, message) => {
    const [problem, ...others] = await problemsOf({flags: {[flag]: value}})
    expect(problem).toMatchObject({
      code: 'TC-CONFIG-VALUE',
      message,
      origin: `flag --${flag}`,
      check: 'config_validation',
    })
    expect(others).toEqual([])
  })

  it.each([
    ['CONTROL_PLANE_MAX_INFLIGHT_REQUESTS', '', 'CONTROL_PLANE_MAX_INFLIGHT_REQUESTS must be greater than zero'],
    ['CONTROL_PLANE_MAX_INFLIGHT_REQUESTS', '0', 'CONTROL_PLANE_MAX_INFLIGHT_REQUESTS must be greater than zero'],
    [
      'CONTROL_PLANE_MAX_INFLIGHT_REQUESTS',
      '10001',
      'CONTROL_PLANE_MAX_INFLIGHT_REQUESTS must be less than or equal to 10000',
    ],
    ['CONTROL_PLANE_MAX_INFLIGHT_REQUESTS', '0x10', `invalid CONTROL_PLANE_MAX_INFLIGHT_REQUESTS: ${atoi('0x10')}`],
    ['CONTROL_PLANE_POLL_TIMEOUT', '0s', 'CONTROL_PLANE_POLL_TIMEOUT must be greater than zero'],
    ['CONTROL_PLANE_POLL_TIMEOUT', '30', 'invalid CONTROL_PLANE_POLL_TIMEOUT: time: missing unit in duration "30"'],
    ['CONTROL_PLANE_POLL_DEADLINE_GUARDRAIL', '-1s', 'CONTROL_PLANE_POLL_DEADLINE_GUARDRAIL must be greater than zero'],
    ['MCP_CONNECTION_MAX_TTL', 'x', 'invalid mcp.connection-max-ttl: time: invalid duration "x"'],
    ['MCP_CONNECTION_MAX_TTL', '0', 'mcp.connection-max-ttl must be positive'],
    ['MCP_STARTUP_WAIT_TIMEOUT', 'x', 'invalid mcp.startup-wait-timeout: time: invalid duration "x"'],
    ['MCP_STARTUP_WAIT_TIMEOUT', '-1s', 'mcp.startup-wait-timeout must not be negative'],
    ['MCP_MAX_CONCURRENT_REQUESTS', '-3', 'MCP_MAX_CONCURRENT_REQUESTS must be greater than zero'],
    ['MCP_MAX_CONCURRENT_REQUESTS', '1.5', `invalid MCP_MAX_CONCURRENT_REQUESTS: ${atoi('1.5')}`],
    ['DRAIN_TIMEOUT', 'x', 'invalid DRAIN_TIMEOUT: time: invalid duration "x"'],
    ['DRAIN_TIMEOUT', '-1s', 'DRAIN_TIMEOUT must not be negative'],
    ['ADMIN_UI_LOG_BUFFER_EVENTS', '', `invalid admin-ui.log-buffer-events: ${atoi('')}`],
    ['ADMIN_UI_LOG_BUFFER_EVENTS', '0', 'admin-ui.log-buffer-events must be greater than zero'],
    ['LOG_HTTP_RAW_UNSAFE', 'yes', 'parse LOG_HTTP_RAW_UNSAFE: strconv.ParseBool: parsing "yes": invalid syntax'],
    ['ALLOW_REMOTE_UI', 'x', 'parse ALLOW_REMOTE_UI: strconv.ParseBool: parsing "x": invalid syntax'],
    ['OPEN_WEB_UI', 'x', 'parse OPEN_WEB_UI: strconv.ParseBool: parsing "x": invalid syntax'],
  ])('%s=%s', async (name, value, message) => {
    const [problem, ...others] = await problemsOf({env: {[name]: value}})
    expect(problem).toMatchObject({code: 'TC-CONFIG-VALUE', message, origin: `env ${name}`})
    expect(others).toEqual([])
  })

  it('names the line when the value stands in YAML', async () => {
    const [problem] = await problemsOf({yaml: 'config_version: 1\ncontrol_plane:\n  max_inflight_requests: 0\n'})
    const message = 'CONTROL_PLANE_MAX_INFLIGHT_REQUESTS must be greater than zero'
    const next = ['Correct control_plane.max_inflight_requests']
    expect(problem).toMatchObject({message, origin: 'tunnel.yaml:3', next})
  })
})
