// The MCP server that a runtime serves: an address or a command, never with a secret in it, because state files, profiles
// and process lists show it.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {learnUrlSecrets, shellSyntax, splitArgv} from '../../../foundation/platform/index.ts'

/** The reference's two kinds. */
export interface RuntimeTarget {
  readonly kind: 'server_url' | 'command'
  readonly value: string
}

const refuse = (message: string, next: string): TunnelError =>
  new TunnelError('TC-RUNTIME-TARGET', message, {next: [next]})

/** The target; the address wins when both are given. @throws TunnelError `TC-RUNTIME-TARGET` */
export function readTarget({serverUrl = '', command = ''}: {serverUrl?: string; command?: string}): RuntimeTarget {
  if (serverUrl.trim() !== '') {
    const value = serverUrl.trim()
    rejectInlineSecret(value, 'mcp server_url')
    const url = URL.canParse(value) ? new URL(value) : null
    if (url !== null) learnUrlSecrets(url)
    if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
      throw refuse('mcp server url must be an http or https URL with a host', 'Give --mcp-server-url http://host/path')
    }
    return {kind: 'server_url', value}
  }
  if (command.trim() === '') {
    throw refuse('connect requires --mcp-server-url or --mcp-command', 'Say which MCP server the tunnel leads to')
  }
  const value = command.trim()
  rejectInlineSecret(value, 'mcp command')
  const split = splitArgv(value)
  if (!split.ok) throw refuse(`mcp command: ${split.problem}`, 'Quote it as for a shell')
  const syntax = shellSyntax(value)
  if (syntax?.certain === true) throw refuse(`mcp command: no shell reads it, but it ${syntax.problem}`, syntax.next)
  return {kind: 'command', value}
}

const KEYWORDS = '(?:api[_-]?key|access[_-]?token|refresh[_-]?token|id[_-]?token|password|secret)'
const PATTERNS = [
  // A key stands by itself: `task-runner-server` is a name.
  /(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{12,}/,
  /\bBearer\s+[A-Za-z0-9._~+/=-]{12,}/i,
  /\bAuthorization\s*:/i,
  new RegExp(`${KEYWORDS}=\\S+`, 'i'),
  /\b(?:OPENAI_ADMIN_KEY|OPENAI_API_KEY|CONTROL_PLANE_API_KEY)=/i,
  /:\/\/[^/\s:@]+:[^/\s:@]+@/,
]
const SECRET_FLAG = new RegExp(`^-{1,2}(?=[a-z0-9_-]*$)[a-z0-9_-]*(?:${KEYWORDS}|token)`, 'i')
const REFERENCE = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+|\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*\})$/

/** Refuses text that seems to hold a secret itself. @throws TunnelError `TC-RUNTIME-TARGET` */
export function rejectInlineSecret(value: string, field: string): void {
  const words = value.split(/\s+/)
  const flagged = words.some((word, at) => {
    const next = words[at + 1] ?? ''
    return SECRET_FLAG.test(word) && next !== '' && !next.startsWith('-') && !REFERENCE.test(next)
  })
  if (!flagged && !PATTERNS.some((pattern) => pattern.test(withoutReferences(value)))) return
  throw refuse(
    `${field} appears to contain inline secret material; use env or file references instead`,
    'Let the server read it from its environment or a file',
  )
}

/** `--api-key=env:NAME` names a secret and holds none. */
const withoutReferences = (value: string): string =>
  value.replaceAll(/=(?:env:[A-Za-z_][A-Za-z0-9_]*|file:\S+|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?)(?=\s|$)/g, '= ')
