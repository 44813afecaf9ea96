// The six tools: the reference's names, arguments and annotations, so that prompts and approvals keep working. Plain data.

/** Name of a tool. */
export type ToolName =
  | 'install_or_select_tunnel_client'
  | 'create_tunnel_runtime'
  | 'connect_stdio_mcp'
  | 'list_runtime_aliases'
  | 'runtime_status'
  | 'stop_runtime'

/** One argument. */
type Property = {type: 'string' | 'boolean'; description: string; default?: boolean}

/** One tool as `tools/list` shows it. */
export interface ToolDefinition {
  readonly name: ToolName
  readonly title: string
  readonly description: string
  readonly inputSchema: {
    readonly type: 'object'
    readonly properties: Record<string, Property>
    readonly required?: string[]
    readonly additionalProperties: false
  }
  readonly annotations: {
    readonly readOnlyHint: boolean
    readonly destructiveHint: false
    readonly idempotentHint: boolean
    readonly openWorldHint: boolean
  }
}

const text = (description: string): Property => ({type: 'string', description})

const ALIAS = {alias: text('Alias of the runtime on this machine.')}
const PROGRAM = {
  tunnel_client_bin: text('Path of the tunnel-client to use. Only the one that serves this plugin is accepted.'),
}
const ADMIN = {
  admin_profile: text('Name of the admin profile to use.'),
  control_plane_base_url: text('Origin of the tunnel service, when it is not the one of the admin profile.'),
  control_plane_url_path: text('Path in front of the routes of the tunnel service.'),
}
const SCOPE = {
  organization_id: text('Organization to find or create the tunnel in.'),
  workspace_id: text('Workspace to find or create the tunnel in.'),
}
const TUNNEL = {name: text('Name to give a new tunnel.'), description: text('Description to give a new tunnel.')}

interface Draft {
  readonly name: ToolName
  readonly title: string
  readonly description: string
  readonly properties: Record<string, Property>
  readonly required?: string[]
  readonly readOnly: boolean
  readonly idempotent: boolean
  readonly openWorld: boolean
}

const tool = ({name, title, description, properties, required, ...hints}: Draft): ToolDefinition => ({
  name,
  title,
  description,
  inputSchema: {type: 'object', properties, ...(required ? {required} : {}), additionalProperties: false},
  annotations: {
    readOnlyHint: hints.readOnly,
    destructiveHint: false,
    idempotentHint: hints.idempotent,
    openWorldHint: hints.openWorld,
  },
})

/** All tools, in the order in which they are listed. */
export const TOOLS: readonly ToolDefinition[] = [
  tool({
    name: 'install_or_select_tunnel_client',
    title: 'Install Or Select Tunnel Client',
    description: 'Says which tunnel-client the tools use, and its version. Downloads and changes nothing.',
    properties: {
      ...PROGRAM,
      persist_hint: {
        type: 'boolean',
        description: 'Kept for compatibility: the choice is written down by codex plugin install.',
        default: true,
      },
      allow_path_lookup: {
        type: 'boolean',
        description: 'Kept for compatibility: programs on the PATH are never used.',
        default: false,
      },
    },
    readOnly: true,
    idempotent: true,
    openWorld: false,
  }),
  tool({
    name: 'create_tunnel_runtime',
    title: 'Create Tunnel Runtime',
    description: 'Finds or creates a tunnel in an organization or a workspace and remembers it under an alias.',
    properties: {...ALIAS, ...SCOPE, ...ADMIN, ...TUNNEL, ...PROGRAM},
    required: ['alias'],
    readOnly: false,
    idempotent: false,
    openWorld: true,
  }),
  tool({
    name: 'connect_stdio_mcp',
    title: 'Connect Stdio MCP',
    description: 'Starts a background runtime that serves a stdio MCP server of this machine through a tunnel.',
    properties: {
      ...ALIAS,
      ...SCOPE,
      ...ADMIN,
      ...TUNNEL,
      ...PROGRAM,
      mcp_command: text(
        'Command line of the MCP server, with absolute paths: it runs in the home folder. It may not contain secrets.',
      ),
      runtime_api_key: text('Where the runtime key is: env:NAME or file:/path.'),
      tunnel_id: text('Id of a tunnel that exists, in place of an organization or a workspace.'),
    },
    required: ['alias', 'mcp_command'],
    readOnly: false,
    idempotent: false,
    openWorld: true,
  }),
  tool({
    name: 'list_runtime_aliases',
    title: 'List Runtime Aliases',
    description: 'Lists the runtimes of this machine by alias, and with a scope the tunnels in it.',
    properties: {
      organization_id: text('Organization whose tunnels to list, too.'),
      workspace_id: text('Workspace whose tunnels to list, too.'),
      tenant_id: text('Tenant whose tunnels to list, too.'),
      ...ADMIN,
      ...PROGRAM,
    },
    readOnly: true,
    idempotent: true,
    openWorld: true,
  }),
  tool({
    name: 'runtime_status',
    title: 'Runtime Status',
    description: 'Looks at one runtime: process, health, readiness, polling, the end of its log, and what would help.',
    properties: {...ALIAS, ...PROGRAM},
    required: ['alias'],
    readOnly: true,
    idempotent: true,
    openWorld: true,
  }),
  tool({
    name: 'stop_runtime',
    title: 'Stop Runtime',
    description: 'Stops one runtime after the calls that are under way. The tunnel and the profile stay.',
    properties: {...ALIAS, ...PROGRAM},
    required: ['alias'],
    readOnly: false,
    idempotent: true,
    openWorld: true,
  }),
]
