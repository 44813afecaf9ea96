import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {CONFIG_ROWS} from '../../../src/foundation/config/index.ts'
import {load} from './loading.ts'

/** Settings of every kind whose values differ by number, and how to read them back. */
const SETTINGS = [
  {key: 'control_plane.organization_id', text: (n: number) => `org${n}`, yaml: (n: number) => `org${n}`, unset: null},
  {key: 'control_plane.max_inflight_requests', text: String, yaml: (n: number) => n, unset: 20},
  {key: 'mcp.connection_max_ttl', text: (n: number) => `${n}s`, yaml: (n: number) => `${n}s`, unset: 600_000},
  {key: 'health.url_file', text: (n: number) => `f${n}`, yaml: (n: number) => `f${n}`, unset: null},
  {key: 'admin_ui.log_buffer_events', text: String, yaml: (n: number) => n, unset: 2_000},
] as const

const value = fc.option(fc.integer({min: 1, max: 9_999}), {nil: null})
/** null: absent, 'empty': set to nothing. */
const envValue = fc.oneof(value, fc.constant('empty' as const))
const choice = fc.tuple(value, envValue, value)

function reading(config: Awaited<ReturnType<typeof load>>, key: (typeof SETTINGS)[number]['key']): unknown {
  switch (key) {
    case 'control_plane.organization_id':
      return config.controlPlane.organizationId
    case 'control_plane.max_inflight_requests':
      return config.controlPlane.maxInflight
    case 'mcp.connection_max_ttl':
      return config.mcp.connectionMaxTtl
    case 'health.url_file':
      return config.health.urlFile
    case 'admin_ui.log_buffer_events':
      return config.adminUi.logBufferEvents
  }
}

describe('precedence', () => {
  it('is flag, variable, YAML, default for every combination of layers, key by key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(choice, choice, choice, choice, choice), async (choices) => {
        const flags: Record<string, string> = {}
        const env: Record<string, string> = {}
        const file: Record<string, Record<string, unknown>> = {}
        const expected = SETTINGS.map((setting, index) => {
          const row = CONFIG_ROWS.find(({key}) => key === setting.key)!
          const [flag, variable, inFile] = choices[index]!
          const kept = row.emptyEnv === 'kept'
          if (flag !== null) flags[row.flag] = setting.text(flag)
          if (variable === 'empty' && !kept) env[row.env[0]!] = ''
          if (typeof variable === 'number') env[row.env[0]!] = setting.text(variable)
          const [section = '', name = ''] = setting.key.split('.')
          if (inFile !== null) file[section] = {...file[section], [name]: setting.yaml(inFile)}
          const winner =
            flag ?? (variable === 'empty' && !kept ? null : typeof variable === 'number' ? variable : inFile)
          return {setting, winner, layer: layerOf(flag, variable === 'empty' && kept ? null : variable, inFile)}
        })
        const config = await load({flags, env, yaml: JSON.stringify(file)})
        for (const {setting, winner, layer} of expected) {
          const text = winner === null ? setting.unset : read(setting, winner)
          expect(reading(config, setting.key)).toBe(text)
          expect(config.origin(setting.key).layer).toBe(layer)
        }
      }),
      {numRuns: 150},
    )
  })
})

function layerOf(flag: number | null, variable: number | 'empty' | null, inFile: number | null): string {
  if (flag !== null) return 'flag'
  if (variable === 'empty') return 'default'
  if (variable !== null) return 'env'
  return inFile === null ? 'default' : 'file'
}

function read(setting: (typeof SETTINGS)[number], winner: number): unknown {
  if (setting.key === 'mcp.connection_max_ttl') return winner * 1000
  return typeof setting.unset === 'number' ? winner : setting.text(winner)
}
