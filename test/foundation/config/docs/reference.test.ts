import {describe, expect, it} from 'vitest'
import {CONFIG_ROWS, configReference} from '../../../../src/foundation/config/index.ts'

describe('configReference', () => {
  const page = configReference()
  const lines = page.split('\n')

  it.each(CONFIG_ROWS)('has one line for $key, in one section', (row) => {
    const own = lines.filter((line) => line.startsWith(`| \`--${row.flag}\``))
    expect(own).toHaveLength(1)
    for (const name of row.env) expect(own[0]).toContain(`\`${name}\``)
    if (row.yaml !== null) expect(own[0]).toContain(`\`${row.key}\``)
    expect(own[0]).toContain(row.default === null ? '| – |' : `| \`${row.default}\` |`)
  })

  it('keeps its tables whole', () => {
    const cells = (line: string): number => line.replaceAll('\\|', '').split('|').length
    let width = 0
    for (const line of lines) {
      if (!line.startsWith('|')) width = 0
      else if (width === 0) width = cells(line)
      else expect(cells(line)).toBe(width)
    }
    expect(page.endsWith('\n')).toBe(true)
  })
})
