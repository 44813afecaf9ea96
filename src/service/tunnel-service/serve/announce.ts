// How a tunnel service tells where it is: the document that programs read, and what people copy.

import {type Block, code, fields, heading, page, paragraph, printableJson} from '../../../foundation/platform/index.ts'
import type {TunnelService} from '../options.ts'

/** The document of `--print-json` and of the info file. It holds keys: it belongs into no log. */
export interface ServiceInfo {
  readonly tunnel_id: string
  readonly control_plane_base_url: string
  readonly control_plane_unix_socket?: string
  /** Empty when callers come in by a unix socket. */
  readonly mcp_url: string
  readonly mcp_unix_socket?: string
  readonly mcp_url_path: string
  readonly runtime_key: string
  readonly admin_key: string
}

/** Describes a running service. */
export function serviceInfo(service: TunnelService): ServiceInfo {
  return {
    tunnel_id: service.tunnelId,
    control_plane_base_url: service.controlPlaneBaseUrl,
    ...(service.controlUnixSocket === null ? {} : {control_plane_unix_socket: service.controlUnixSocket}),
    mcp_url: service.mcpUrl,
    ...(service.mcpUnixSocket === null ? {} : {mcp_unix_socket: service.mcpUnixSocket}),
    mcp_url_path: service.mcpUrlPath,
    runtime_key: service.runtimeKey.reveal(),
    admin_key: service.adminKey.reveal(),
  }
}

/** The document as text. */
export const infoText = (info: ServiceInfo): string => printableJson(info, 2)

/** The document for `--print-json`. */
export const infoBlocks = (info: ServiceInfo): Block[] => [page(infoText(info))]

/** For people: what runs, and the commands that come next. Keys stay in `infoFile`. */
export function serviceBlocks(info: ServiceInfo, infoFile: string): Block[] {
  const readKey = `node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).runtime_key' ${shellWord(infoFile)}`
  const socket = info.control_plane_unix_socket
  return [
    heading('Tunnel service'),
    fields([
      ['Tunnel', info.tunnel_id],
      ['MCP URL', info.mcp_url || `${info.mcp_unix_socket} (unix socket), path ${info.mcp_url_path}`],
      ['Control plane', socket === undefined ? info.control_plane_base_url : `${socket} (unix socket)`],
      ['Keys', `${infoFile} (only you can read it; removed at the end)`],
    ]),
    heading('Connect an MCP server'),
    code(
      [
        `export CONTROL_PLANE_BASE_URL=${info.control_plane_base_url}`,
        ...(socket === undefined ? [] : [`export TUNNEL_INTEGRATION_TUNNEL_SERVICE_SOCKET_PATH=${shellWord(socket)}`]),
        `export CONTROL_PLANE_TUNNEL_ID=${info.tunnel_id}`,
        `export CONTROL_PLANE_API_KEY="$(${readKey})"`,
        'tunnel-client run --embedded-mcp-stub',
      ].join('\n'),
    ),
    paragraph('Point MCP clients at the MCP URL. Ctrl-C stops the service.'),
  ]
}

const shellWord = (word: string): string => (/^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
