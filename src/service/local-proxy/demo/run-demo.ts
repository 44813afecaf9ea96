// `npm run demo`: proves in seconds, without an account, that a tool call travels the whole way and comes back.

import {basename, relative} from 'node:path'
import {Writable} from 'node:stream'
import type {Block} from '../../../foundation/platform/index.ts'
import {note} from '../../../foundation/platform/index.ts'
import {runLocalProxy} from '../run-local-proxy.ts'
import {firstCall} from './first-call.ts'
import {introBlocks, proofBlocks, usageBlocks} from './present.ts'

/** What `--json` prints. */
export interface DemoReport {
  readonly schema_version: 1
  readonly tunnel_id: string
  readonly mcp_url: string
  readonly health_url: string
  readonly ready: boolean
  readonly readiness: string
  readonly tools: readonly string[]
  readonly first_call: {readonly tool: string; readonly text: string; readonly ms: number}
}

/** What {@link runDemo} needs. */
export interface DemoOptions {
  /** How to start this program again: the demo MCP server is a child on stdio. */
  readonly program: readonly string[]
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stop: {readonly asked: AbortSignal; readonly now: AbortSignal}
  /** Stop after the proof. */
  readonly once: boolean
  /** Where the daemon logs; null: nowhere, but what it said is shown when the demo fails. */
  readonly logStream: NodeJS.WritableStream | null
  readonly show: (blocks: readonly Block[]) => void
  readonly showJson: (report: DemoReport) => void
  /** Receives the daemon's last lines when the demo fails. */
  readonly onFailureLog: (lines: string) => void
}

/** Runs until a signal, or until the proof when `once`. Rejects with a TunnelError. Leaves nothing behind. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const kept = keepLines()
  options.show(introBlocks())
  try {
    await runLocalProxy({
      target: {commands: [commandLine([...options.program, 'dev', 'mcp-stub', '--stdio'])]},
      listen: {host: '127.0.0.1', port: 0},
      healthListenAddr: '127.0.0.1:0',
      version: options.version,
      env: neutral(options.env),
      cwd: options.cwd,
      logStream: options.logStream ?? kept.stream,
      stop: options.stop,
      onStep: (step) => options.show([note(`${step} ...`)]),
      onUp: async (proxy) => {
        const {info} = proxy
        options.show([note('up: sending a tool call ...')])
        const call = await firstCall({mcpUrl: info.mcp_url, version: options.version, signal: options.stop.asked})
        const {status, body} = proxy.readiness()
        const report: DemoReport = {
          schema_version: 1,
          tunnel_id: info.tunnel_id,
          mcp_url: info.mcp_url,
          health_url: info.health_url ?? '',
          ready: status === 200,
          readiness: body,
          tools: call.tools,
          first_call: {tool: call.tool, text: call.text, ms: Math.round(call.ms * 10) / 10},
        }
        options.show(proofBlocks(report))
        if (!options.once) options.show(usageBlocks(report, programName(options)))
        options.showJson(report)
        return !options.once
      },
    })
  } catch (thrown) {
    options.onFailureLog(kept.text())
    throw thrown
  }
}

/** What configures other tunnels of this user must not configure the demo. */
function neutral(env: DemoOptions['env']): Record<string, string | undefined> {
  const ours =
    /^(CONTROL_PLANE|MCP|HEALTH|LOG|TUNNEL|HARPOON|ADMIN_UI|CLOUDFLARED)_|^(PID_FILE|CA_BUNDLE|DRAIN_TIMEOUT|ALLOW_REMOTE_UI|OPEN_WEB_UI|OPENAI_API_KEY|OPENAI_ADMIN_KEY)$/
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)))
}

/** `tunnel-client` where it is installed, else the script that was started, for example `node bin/run.js`. */
function programName({program, cwd}: DemoOptions): string {
  const script = program[1] ?? ''
  return basename(script) === 'tunnel-client' ? 'tunnel-client' : `node ${cwd === '' ? script : relative(cwd, script)}`
}

/** Quoted for the argv grammar of `--mcp.command`. */
const commandLine = (argv: readonly string[]): string =>
  argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')

/** A stream that remembers its last lines. */
function keepLines(): {stream: Writable; text(): string} {
  let kept = ''
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      kept = (kept + chunk.toString()).slice(-8192)
      done()
    },
  })
  return {stream, text: () => kept}
}
