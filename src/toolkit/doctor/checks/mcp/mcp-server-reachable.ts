// The reference's row for the MCP server, drawn from its ladder: nothing is asked twice.

import type {McpBinding} from '../../../../foundation/config/index.ts'
import {publicUrl} from '../../advice/public-url.ts'
import {type Finding, pass, type Row, rowKey, single, skip} from '../../check.ts'

export const mcpServerReachable = single({
  id: 'mcp_server_reachable',
  title: 'The MCP server behind main answers a handshake',
  why: 'Every call ends at this server; when it does not answer now, a call would not be answered either.',
  next: ['Start the MCP server, or correct its address', 'Then ask again: tunnel-client doctor'],
  required: true,
  needs: ['main'],
  run: async ({fact, ladder, options}) => {
    const main = await fact('main')
    if (main === null) return null
    if (options.offline) return skip('not asked: --offline')
    return summaryOf(main, await ladder('mcp:main'))
  },
})

function summaryOf(main: McpBinding, rows: readonly Row[]): Finding {
  const top = rows.find(({id}) => id === 'protocol')
  const deciding = rows.find(({status}) => status === 'FAIL') ?? top
  if (deciding === undefined) return skip('not asked')
  const {summary, failure, raw, who, source, hop, facts} = deciding
  const more = {
    ...(failure === undefined ? {} : {failure}),
    ...(raw === undefined ? {} : {raw}),
    ...(who === undefined ? {} : {who}),
    ...(source === undefined ? {} : {source}),
    ...(hop === undefined ? {} : {hop}),
  }
  if (deciding.status === 'PASS') {
    const status = facts?.http_status
    const seen =
      main.kind === 'http' && typeof status === 'number' ? `HTTP ${status} from ${publicUrl(main.url)}: ` : ''
    return pass(`${seen}${summary}`, more)
  }
  const target = main.kind === 'http' ? publicUrl(main.url) : main.command
  return {
    status: deciding.status === 'BLOCKED' ? 'UNKNOWN' : deciding.status,
    summary,
    evidence: [target, ...deciding.evidence, `decided by ${rowKey(deciding)}`],
    ...(deciding.next.length === 0 ? {} : {next: [...deciding.next, 'Then ask again: tunnel-client doctor']}),
    ...more,
  }
}
