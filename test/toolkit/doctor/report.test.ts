// What scripts and people read: the reference's lines byte for byte, then ours; one verdict; JSON in a fixed order.

import {describe, expect, test} from 'vitest'
import {render} from '../../../src/toolkit/cli/output/render.ts'
import {createStyle} from '../../../src/toolkit/cli/output/style.ts'
import type {Row} from '../../../src/toolkit/doctor/check.ts'
import {doctorBlocks} from '../../../src/toolkit/doctor/present.ts'
import {report, row} from './rows.ts'

const drawn = (rows: readonly Row[], view: {tty?: boolean; explain?: boolean} = {}, more = {}): string =>
  render(doctorBlocks(report(rows, more), {tty: false, explain: false, ...view}), {
    style: createStyle({colour: false}),
  })

const healthy: Row[] = [
  row({id: 'config_source', summary: 'profile: demo'}),
  row({id: 'chatgpt_connector_settings_url', summary: 'https://chatgpt.com/#settings/Connectors', required: false}),
  row({id: 'codex_plugin', status: 'SKIP', summary: 'Codex not detected locally', required: false}),
  row({id: 'auth', destination: 'control_plane', rung: 'auth', summary: 'key accepted in 84 ms', ms: 84}),
  row({id: 'protocol', destination: 'mcp:main', rung: 'protocol', summary: 'x', facts: {tools: 12}}),
]

const refused = row({
  id: 'connect',
  destination: 'control_plane',
  rung: 'connect',
  status: 'FAIL',
  summary: 'http://10.0.0.9:8443: nobody listens there',
  failure: 'refused',
  raw: '10.0.0.9 ECONNREFUSED',
  hop: {kind: 'direct', address: '10.0.0.9:8443', rule: 'no proxy is configured for it'},
  evidence: ['10.0.0.9 ECONNREFUSED'],
  next: ['start it, or correct --control-plane.base-url'],
})
const blocked = row({
  id: 'http',
  destination: 'control_plane',
  rung: 'http',
  status: 'BLOCKED',
  summary: 'not asked: connect failed',
  blockedBy: 'control_plane/connect',
})

describe('lines for scripts', () => {
  test('healthy', () => {
    expect(drawn(healthy)).toBe(`OK: a call would work now (control plane 84 ms, main 12 tools)
CHECK config_source            PASS profile: demo
CHECK chatgpt_connector_settings_url PASS https://chatgpt.com/#settings/Connectors
CHECK codex_plugin             SKIP Codex not detected locally
CHECK control_plane/auth       PASS key accepted in 84 ms
CHECK mcp:main/protocol        PASS x

RESULT ok
NEXT   tunnel-client run --profile demo
`)
  })

  test('broken, explained', () => {
    expect(drawn([row({id: 'config_source', summary: 'a.yaml'}), refused, blocked], {explain: true})).toBe(
      `You or IT: control plane: nobody listens there, or a firewall rejects, seen at 10.0.0.9:8443: ECONNREFUSED. Next: start it, or correct --control-plane.base-url
CHECK config_source            PASS a.yaml
CHECK control_plane/connect    FAIL http://10.0.0.9:8443: nobody listens there
CHECK control_plane/http       BLOCKED not asked: connect failed

RESULT fail
FAILED_CHECKS control_plane/connect
EXIT_CODE 2

CHECK control_plane/connect   FAIL
Why this matters:
  it matters

Evidence:
  - 10.0.0.9 ECONNREFUSED

What to do next:
  1. start it, or correct --control-plane.base-url

Read more: tunnel-client help TC-CONNECT-REFUSED
`,
    )
  })

  test('a SKIP without reasons explains as little as the reference does', () => {
    expect(drawn(healthy, {explain: true})).toMatch(
      /NEXT {3}tunnel-client run --profile demo\n\nCHECK codex_plugin {3}SKIP\n$/,
    )
  })
})

test('a broken doctor says so in its exit code', () => {
  const bug = row({
    id: 'ui',
    status: 'UNKNOWN',
    required: false,
    failure: 'doctor_bug',
    summary: 'the check itself broke',
  })
  expect(drawn([bug])).toMatch(/RESULT fail\nFAILED_CHECKS ui\nEXIT_CODE 1\n$/)
})

describe('a terminal', () => {
  test('shows the verdict first and last, the failed check between, and no line for scripts', () => {
    const shown = drawn([row({id: 'config_source', summary: 'a.yaml'}), refused, blocked], {tty: true})
    const lines = shown.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^You or IT: control plane/)
    expect(lines.at(-1)).toBe(lines[0])
    expect(shown).toContain('1. start it, or correct --control-plane.base-url')
    expect(shown).toMatch(/^PASS .*config_source$/m)
    expect(shown).not.toMatch(/^(RESULT|FAILED_CHECKS|EXIT_CODE|CHECK|NEXT) /m)
  })

  test('shows one line for each place while all is well, and the next command last', () => {
    const lines = drawn(healthy, {tty: true}).trimEnd().split('\n')
    expect(lines.filter((line) => line.startsWith('PASS')).length).toBeLessThan(4)
    expect(lines.at(-1)).toBe('Next: tunnel-client run --profile demo')
  })
})

describe('JSON', () => {
  test('the reference members come first, ours after them', () => {
    const json = report([row({id: 'config_source', summary: 'a.yaml'}), refused, blocked], {skewMs: -240_000})
    expect(Object.keys(json)).toEqual([
      'schema_version',
      'result',
      'failed_checks',
      'verdict',
      'checks',
      'routes',
      'clock',
      'duration_ms',
    ])
    expect(json.verdict).toEqual({
      code: 'TC-CONNECT-REFUSED',
      destination: 'control_plane',
      rung: 'connect',
      failure_class: 'refused',
      who: ['you', 'it'],
      line: expect.stringContaining('ECONNREFUSED'),
    })
    expect(json.checks[0]).toEqual({id: 'config_source', status: 'PASS', summary: 'a.yaml', duration_ms: 7})
    expect(json.checks[1]).toEqual({
      id: 'connect',
      status: 'FAIL',
      summary: 'http://10.0.0.9:8443: nobody listens there',
      why: 'it matters',
      evidence: ['10.0.0.9 ECONNREFUSED'],
      next: ['start it, or correct --control-plane.base-url'],
      destination: 'control_plane',
      rung: 'connect',
      failure_class: 'refused',
      code: 'TC-CONNECT-REFUSED',
      who: ['you', 'it'],
      docs: 'docs/failures.md#tc-connect-refused',
      duration_ms: 7,
      hop: {kind: 'direct', address: '10.0.0.9:8443', rule: 'no proxy is configured for it'},
    })
    expect(Object.keys(json.checks[1] ?? {}).slice(0, 6)).toEqual([
      'id',
      'status',
      'summary',
      'why',
      'evidence',
      'next',
    ])
    expect(json.checks[2]).toMatchObject({status: 'BLOCKED', blocked_by: 'control_plane/connect'})
    expect(json.checks[2]).not.toHaveProperty('why')
    expect(json.clock).toEqual({skew_ms: -240_000, source: 'verified'})
    expect(json.duration_ms).toBe(120)
  })

  test('healthy: next instead of failed_checks', () => {
    const json = report(healthy)
    expect(Object.keys(json).slice(0, 4)).toEqual(['schema_version', 'result', 'next', 'verdict'])
    expect(json.verdict).toEqual({line: 'OK: a call would work now (control plane 84 ms, main 12 tools)'})
  })
})

describe('the order of rows', () => {
  test('a broken configuration is told where the reference tells it; what it would not print comes after', () => {
    const bad = (id: string) => row({id, status: 'FAIL', code: 'TC-CONFIG-INVALID', summary: 'bad'})
    const json = report([
      row({id: 'config_source'}),
      row({id: 'profile_load'}),
      row({id: 'tunnel_id', status: 'BLOCKED', blockedBy: 'mcp_target', summary: 'the configuration cannot be used'}),
      row({id: 'tunnels_management_url', required: false}),
      bad('mcp_target'),
      row({id: 'codex_plugin', status: 'SKIP', required: false}),
    ])
    expect(json.checks.map(({id}) => id)).toEqual([
      'config_source',
      'profile_load',
      'mcp_target',
      'tunnels_management_url',
      'codex_plugin',
      'tunnel_id',
    ])
  })
})

describe('the verdict', () => {
  const fails = (id: string, destination: string | null = null) =>
    row({id, destination, status: 'FAIL', summary: `${id} broke`})

  test('names the first broken ladder: configuration, control plane, main, the rest', () => {
    const rows = [fails('protocol', 'mcp:other'), fails('mcp_server_reachable'), fails('tls', 'mcp:main')]
    expect(report(rows).verdict.line).toBe('You: MCP server main: tls broke.')
    expect(report([...rows, fails('auth', 'control_plane')]).verdict.destination).toBe('control_plane')
    const all = [...rows, fails('auth', 'control_plane'), fails('health_listener')]
    expect(report(all).verdict.line).toBe('You: health_listener: health_listener broke.')
  })

  test('FAIL before UNKNOWN; UNKNOWN fails only where a call depends on it', () => {
    const doubt = row({id: 'scope', destination: 'control_plane', status: 'UNKNOWN', summary: 'no proof'})
    expect(report([doubt]).result).toBe('fail')
    expect(report([{...doubt, required: false}]).result).toBe('ok')
    expect(report([doubt, fails('protocol', 'mcp:main')]).verdict.line).toContain('protocol broke')
  })

  test('two candidates are said as two', () => {
    expect(report([{...refused, who: ['it', 'you']}]).verdict.line).toMatch(/^IT or You: /)
  })

  test('warnings do not fail, and are named', () => {
    const json = report([...healthy, row({id: 'clock', status: 'WARN', summary: 'off'})])
    expect(json.result).toBe('ok')
    expect(json.verdict.line).toMatch(/; look at clock$/)
    const strict = report([...healthy, row({id: 'clock', status: 'WARN', summary: 'off'})], {strict: true})
    expect(strict).toMatchObject({result: 'fail', failed_checks: ['clock']})
  })

  test('nothing is claimed that was not asked', () => {
    expect(report(healthy, {offline: true}).verdict.line).not.toContain('a call would work')
    expect(report(healthy, {partial: true}).verdict.line).not.toContain('a call would work')
    expect(report(healthy, {interrupted: true})).toMatchObject({result: 'interrupted'})
    expect(report(healthy, {interrupted: true}).verdict.line).not.toContain('a call would work')
  })

  test('stays one line', () => {
    const json = report([row({id: 'config_validation', status: 'FAIL', summary: 'two\nlines..'})])
    expect(json.verdict.line).toBe('You: config_validation: two lines.')
  })
})
