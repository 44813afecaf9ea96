// The doctor at real servers over Streamable HTTP. FastMCP ends the streams of a session that is deleted.

import {describe, expect, onTestFinished, test} from 'vitest'
import {REAL_SERVERS} from '../../scenarios/real-servers.ts'
import {watchProgram} from '../../support/cli.ts'
import {needs} from '../../support/parts.ts'
import {tunnelService, visit} from './visit.ts'

describe.each(REAL_SERVERS.flatMap((server) => (server.http === undefined ? [] : [{...server, http: server.http}])))(
  '$name',
  ({part, http}) => {
    test('is well, each time', async (context) => {
      needs(part)(context)
      const program = watchProgram(http as [string, ...string[]])
      onTestFinished(async () => {
        await program.stop()
      })
      const port = (await program.output(/\{"port":\s*(\d+)\}/))[1]
      const service = await tunnelService()
      for (let n = 0; n < 5; n++) {
        const report = await visit({service, mcp: `http://127.0.0.1:${port}/mcp`, only: ['mcp:main']})
        expect(report.row('mcp:main/protocol')).toMatchObject({status: 'PASS'})
        expect(report.row('mcp:main/protocol').facts?.tools).toBeGreaterThan(0)
      }
    }, 120_000)
  },
)
