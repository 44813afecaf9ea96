// How a local tunnel shows itself: the lines and the file that scripts read.

import {type Block, page, printableJson, text, writeFileAtomic} from '../../foundation/platform/index.ts'
import type {LocalProxyInfo} from './options.ts'

/** The document for `--print-json`, else `MCP URL: …` or the two lines of a unix socket. */
export function proxyBlocks(info: LocalProxyInfo, {json}: {json: boolean}): Block[] {
  if (json) return [page(infoText(info))]
  if (info.mcp_transport === 'tcp') return [text(`MCP URL: ${info.mcp_url}`)]
  return [text([`MCP Unix socket: ${info.mcp_unix_socket}`, `MCP URL path: ${info.mcp_url_path}`])]
}

const infoText = (info: LocalProxyInfo): string => printableJson(info, 2)

/** Writes it for other programs: 0644, missing folders are made; whole or not at all. */
export const writeProxyInfo = (path: string, info: LocalProxyInfo): Promise<void> =>
  writeFileAtomic({path, data: `${infoText(info)}\n`, mode: 0o644, parentMode: 0o755})
