// Warnings about a stdio command that is saved all the same: text that a shell would expand may be meant as it is.

import {shellSyntax} from '../../../foundation/platform/index.ts'

/** One sentence, or none. References (`env:NAME`) are read when the daemon starts. */
export function commandDoubts(command: string | undefined): string[] {
  const text = command?.trim() ?? ''
  const syntax = /^(?:env|file):/i.test(text) ? null : shellSyntax(text)
  return syntax === null || syntax.certain ? [] : [`no shell reads mcp.command: it ${syntax.problem}. ${syntax.next}`]
}
