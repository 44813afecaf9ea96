// The program of a stdio server can be started: looked at, not run.

import {argvHint, shellSyntax} from '../../../../foundation/platform/index.ts'
import {preflightCommand} from '../../../profiles/index.ts'
import {fail, pass, single, warn} from '../../check.ts'

export const mcpCommandExecutable = single({
  id: 'mcp_command_executable',
  title: 'The program of the stdio server can be started',
  why: 'The daemon starts this program itself; when it cannot, every call on the channel fails.',
  next: [
    'Install the program, or correct the first word of mcp.command',
    'For a script: chmod +x it, and let its first line name an interpreter that is installed',
    'For a wrapper such as sh -c or node: check the wrapped script, too',
    'Then ask again: tunnel-client doctor',
  ],
  required: true,
  needs: ['main', 'env'],
  run: async ({fact}) => {
    const main = await fact('main')
    if (main?.kind !== 'stdio') return null
    const syntax = shellSyntax(main.command)
    if (syntax?.certain) {
      const problem = `no shell reads mcp.command, but it ${syntax.problem}`
      return fail(problem, {failure: 'child_missing', evidence: [main.command], raw: problem, next: [syntax.next]})
    }
    const seen = await preflightCommand(main.argv, await fact('env'))
    if (seen.ok && syntax !== null) {
      const next = [syntax.next]
      return warn(`${seen.resolved}: no shell reads mcp.command, it ${syntax.problem}`, {
        evidence: [main.command],
        next,
      })
    }
    if (seen.ok) return pass(seen.resolved)
    const {problem} = seen
    const hint = argvHint(main.command, main.argv)
    const next = hint === null ? {} : {next: [hint]}
    return fail(problem, {failure: 'child_missing', evidence: [main.command, problem], raw: problem, ...next})
  },
})
