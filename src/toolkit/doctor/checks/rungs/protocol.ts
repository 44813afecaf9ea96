// A real MCP handshake, through the channel that the daemon would use.

import type {McpBinding} from '../../../../foundation/config/index.ts'
import type {DaemonChannel, DaemonStatus} from '../../../live/index.ts'
import {type Finding, fail, pass, rung, skip, unknown, warn} from '../../check.ts'
import type {Handshake} from '../../sources/handshake.ts'
import {hopOf} from '../../sources/path-trace.ts'

export const protocol = rung({
  id: 'protocol',
  rung: 'protocol',
  title: 'The MCP server answers a handshake',
  why: 'Calls are forwarded to this server as they come; one that does not speak MCP can answer none of them.',
  next: ['Look at the server and its log, start it again, then: tunnel-client doctor'],
  kinds: ['mcp'],
  needs: ['config', 'daemon', 'handshake'],
  run: async ({fact, destination, options}) => {
    const binding = (await fact('config')).mcp.bindings.find(({channel}) => channel === destination?.channel)
    if (binding === undefined) return null
    if (binding.kind === 'stdio') {
      const daemon = await fact('daemon')
      const channel = daemon?.channels.find(({name}) => name === binding.channel)
      if (daemon && channel) return byDaemon(daemon, channel, binding)
      if (!options.spawn) return skip('not started: --no-spawn')
    }
    return judge(binding, await fact('handshake'))
  },
})

/** A second child beside that of a running daemon might break both, so the daemon's word counts. */
function byDaemon(daemon: DaemonStatus, channel: DaemonChannel, binding: McpBinding & {kind: 'stdio'}): Finding {
  const who = daemon.pid === null ? 'the running daemon' : `the running daemon (pid ${daemon.pid})`
  const evidence = [`${who} says ${channel.probe ?? 'nothing'} of ${channel.name}`]
  const source = 'daemon' as const
  if (channel.command !== null && channel.command !== binding.command) {
    return warn(`${who} runs another command: ${channel.command}`, {
      source,
      evidence: [...evidence, `configured: ${binding.command}`],
      next: ['Restart the daemon to use the configuration that was looked at'],
    })
  }
  if (channel.probe === 'ok' || channel.probe === 'auth-required') {
    return pass(`runs, says ${who}`, {source, evidence})
  }
  const message = channel.error ?? `the handshake is ${channel.probe ?? 'unknown'}`
  if (channel.probe === 'failed') {
    return fail(message, {source, failure: 'child_exited', evidence: [...evidence, message], raw: message})
  }
  return unknown(message, {source, failure: 'child_silent', evidence})
}

/** The address leads to a server, and its path to nothing. */
function nothingAtPath(url: URL, status: number, elsewhere: string | null, more: Partial<Finding>): Finding {
  const raw = `HTTP ${status} at ${url.pathname}`
  const found = elsewhere === null ? null : `${url.origin}${elsewhere}`
  return fail(`${raw}: nothing answers there`, {
    ...more,
    failure: 'mcp_path',
    who: ['you'],
    raw,
    evidence: [raw, ...(found === null ? [] : [`an MCP server answers at ${found}`])],
    next: [
      found === null
        ? `correct the path in --mcp.server-url: is it ${url.origin}/mcp?`
        : `write ${found} in --mcp.server-url: an MCP server answers there`,
    ],
  })
}

function judge(binding: McpBinding, {outcome, ms, child, elsewhere}: Handshake): Finding {
  const more = {
    ...(binding.kind === 'http' ? {hop: hopOf({origin: binding.url, unixSocket: binding.unixSocket})} : {}),
    ms,
    source: 'probe',
  } as const
  const printed = child.garbage === null ? [] : [`stdout, not JSON-RPC: ${child.garbage}`]
  const wrote = [...printed, ...child.stderr.map((line) => `stderr: ${line}`)]
  switch (outcome.kind) {
    case 'ok': {
      const {server, protocolVersion, tools, status} = outcome
      const count = tools === null ? 'no tools' : `${tools} ${tools === 1 ? 'tool' : 'tools'}`
      const facts = {server, protocol_version: protocolVersion, tools, ...(status === 0 ? {} : {http_status: status})}
      const summary = `${server}, MCP ${protocolVersion}, ${count}`
      if (child.garbage === null) return pass(summary, {...more, facts})
      return warn(`${summary}; prints text on stdout that is no JSON-RPC`, {
        ...more,
        facts,
        evidence: printed,
        next: ['Let the server log to stderr; other clients end the connection at such a line'],
      })
    }
    case 'auth':
      return pass('asks for authorization, which callers bring', {
        ...more,
        evidence: [outcome.message],
        facts: {http_status: outcome.status, tools: null},
      })
    case 'timeout': {
      const waited = `${Math.round(ms / 1000)} s`
      if (binding.kind === 'http') {
        return fail(`no answer to ${outcome.step} within ${waited}`, {
          ...more,
          failure: 'timeout_http',
          who: ['mcp_vendor'],
          evidence: [outcome.step],
        })
      }
      return unknown(`still starting after ${waited}: no answer to ${outcome.step}`, {
        ...more,
        failure: 'child_silent',
        who: ['you', 'mcp_vendor'],
        evidence: wrote,
        next: ['Give it more time: tunnel-client doctor --timeout 60s'],
      })
    }
    case 'failed': {
      const {failure, status} = outcome
      if (binding.kind === 'http' && (status === 404 || status === 405))
        return nothingAtPath(binding.url, status, elsewhere, more)
      const message = child.end === null ? outcome.message : `stdio MCP command ${child.end}`
      const evidence = [outcome.message, ...(status === 0 ? [] : [`HTTP ${status}`]), ...wrote]
      const last = child.stderr.at(-1) ?? child.garbage
      const raw = child.end === null ? message : [child.end, last].filter(Boolean).join(', last words: ')
      const who = failure === 'child_exited' ? ({who: ['you', 'mcp_vendor']} as const) : {}
      return fail(message, {...more, ...who, failure, evidence, raw})
    }
  }
}
