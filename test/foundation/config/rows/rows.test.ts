import {describe, expect, it} from 'vitest'
import {CONFIG_ROWS} from '../../../../src/foundation/config/index.ts'
import {REFUSED_KEYS} from '../../../../src/foundation/config/rows/refused.ts'

const repeated = (names: readonly string[]): string[] => names.filter((name, index) => names.indexOf(name) !== index)

describe('rows', () => {
  it('share no name', () => {
    expect(repeated([...CONFIG_ROWS, ...REFUSED_KEYS].map(({key}) => key))).toEqual([])
    const flags = CONFIG_ROWS.flatMap(({flag, flagAliases}) => [flag, ...flagAliases])
    expect(repeated([...flags, ...REFUSED_KEYS.map(({flag}) => flag)])).toEqual([])
    const variables = [...CONFIG_ROWS.flatMap(({env}) => env), ...REFUSED_KEYS.map(({env}) => env)]
    expect(repeated(variables)).toEqual([])
  })

  it('keep the fourteen hidden spellings', () => {
    expect(CONFIG_ROWS.flatMap(({flagAliases}) => flagAliases).sort()).toEqual([
      'control-plane-api-key',
      'control-plane-base-url',
      'control-plane-client-cert',
      'control-plane-client-key',
      'control-plane-organization-id',
      'control-plane-tunnel-id',
      'control-plane-url-path',
      'health-listen-addr',
      'health-unix-socket',
      'health-url-file',
      'mcp-command',
      'mcp-discovery-extra-headers',
      'mcp-extra-headers',
      'mcp-server-url',
    ])
  })

  it.each(CONFIG_ROWS)('$key is complete', (row) => {
    expect(row.env.length).toBeGreaterThan(0)
    expect(row.env.every((name) => /^[A-Z][A-Z_]+$/.test(name))).toBe(true)
    expect(row.summary).toMatch(/^[A-Za-z$].*[^.]$/)
    expect(row.key).toMatch(/^[a-z_]+(?:\.[a-z_]+)?$/)
    expect(row.kind === 'enum').toBe(row.values !== undefined)
    expect(row.yaml === 'entry-list').toBe(row.fields !== undefined)
    expect(row.repeat).toBe(['string-list', 'string-map', 'entry-list'].includes(row.yaml ?? ''))
    if (row.kind === 'int' || row.kind === 'duration' || row.kind === 'bool') expect(row.default).not.toBeNull()
    if (row.limits !== undefined) expect(row.named).toBeDefined()
  })
})
