// What each sample is for and what it takes. Their texts are files in templates/profiles.

import {TunnelError} from '../../foundation/errors/index.ts'
import {nearest} from '../../foundation/platform/index.ts'

/** The two kinds of MCP server that a profile can lead to. */
export type TargetKind = 'server_url' | 'command'

/** One sample. */
export interface ProfileSample {
  readonly name: string
  /** One line. */
  readonly summary: string
  readonly useWhen: string
  /** Kinds of server it can be made for; a profile gets exactly one. */
  readonly targets: readonly TargetKind[]
  readonly required: readonly string[]
  readonly optional: readonly string[]
  readonly notes: readonly string[]
  /** A server to show it with. */
  readonly example: {readonly mcpServerUrl: string} | {readonly mcpCommand: string}
}

const OPTIONAL = [
  '--control-plane-base-url',
  '--control-plane-url-path',
  '--control-plane-api-key-ref',
  '--health-listen-addr',
  '--open-web-ui',
]
const EITHER = ['--tunnel-id', 'exactly one of --mcp-server-url or --mcp-command']

/** All samples, sorted by name. */
export const PROFILE_SAMPLES: readonly ProfileSample[] = [
  {
    name: 'sample_mcp_enterprise_proxy',
    summary: 'MCP server behind an outbound proxy or with certificates of your own authority',
    useWhen:
      'Traffic may leave your network only through an HTTP proxy, or TLS is signed by an authority that no system knows.',
    targets: ['server_url', 'command'],
    required: EITHER,
    optional: OPTIONAL,
    notes: [
      'http_proxy: env:HTTPS_PROXY sends everything through the proxy that the variable names.',
      'ca_bundle: env:ENTERPRISE_CA_BUNDLE names a PEM file; take the line out where public certificates are enough.',
      'The daemon needs the runtime key only. OPENAI_ADMIN_KEY is for the admin commands and stays out of its environment.',
    ],
    example: {mcpServerUrl: 'https://mcp.internal.example.com/mcp'},
  },
  {
    name: 'sample_mcp_remote_no_auth',
    summary: 'MCP server over HTTP that asks nobody for a token',
    useWhen: 'The server is reached at a URL already and publishes no OAuth metadata on purpose.',
    targets: ['server_url'],
    required: ['--tunnel-id', '--mcp-server-url'],
    optional: OPTIONAL,
    notes: [
      'A server that answers 404 wherever OAuth metadata could be is fine: the daemon still becomes ready.',
      'Metadata that answers 5xx or is malformed is a fault of the server, and not the same as none.',
    ],
    example: {mcpServerUrl: 'https://mcp.example.com/mcp'},
  },
  {
    name: 'sample_mcp_stdio_local',
    summary: 'MCP server on this machine, started by tunnel-client: the shortest way to a first call',
    useWhen: 'You have a command that speaks MCP on stdin and stdout.',
    targets: ['command'],
    required: ['--tunnel-id', '--mcp-command'],
    optional: OPTIONAL,
    notes: [
      'A stdio server has no URL, so there is no OAuth discovery.',
      'The command serves channel=main and is started without a shell.',
    ],
    example: {mcpCommand: 'python /path/to/server.py'},
  },
  {
    name: 'sample_mcp_with_dcr',
    summary: 'MCP server with OAuth metadata and client registration, over HTTP or stdio',
    useWhen: 'Your server publishes OAuth metadata so that clients can register themselves, or you just start.',
    targets: ['server_url', 'command'],
    required: EITHER,
    optional: OPTIONAL,
    notes: [
      'Profiles hold references such as env:CONTROL_PLANE_API_KEY, never a key itself.',
      'The server is always bound to channel=main.',
    ],
    example: {mcpServerUrl: 'http://127.0.0.1:3001/mcp'},
  },
]

/** The sample of a name. @throws TunnelError `TC-PROFILE-SAMPLE` */
export function findSample(given: string): ProfileSample {
  const name = given.trim()
  const sample = PROFILE_SAMPLES.find((one) => one.name === name)
  if (sample !== undefined) return sample
  const near = nearest(
    name,
    PROFILE_SAMPLES.map((one) => one.name),
  )
  const text = `unknown sample ${JSON.stringify(name)}; run \`tunnel-client profiles samples list\``
  throw new TunnelError('TC-PROFILE-SAMPLE', text, {
    next: [...(near === null ? [] : [`Did you mean ${near}?`]), 'tunnel-client profiles samples list'],
  })
}
