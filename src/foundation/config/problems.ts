// Collects everything that is wrong, so that a person mends it in one round.

import {type ErrorCode, goQuote, type OriginText, TunnelError} from '../errors/index.ts'
import {withoutSecrets, withoutValues} from './redact.ts'
import type {Origin} from './types.ts'

/** One problem as it is found. */
export interface Problem {
  readonly code: ErrorCode
  /** The text that scripts know. Values in it have passed `shown()`. */
  readonly message: string
  readonly origin?: Origin | undefined
  /** What to do, instead of the row of the catalogue. */
  readonly next?: readonly string[]
}

/** What problems are put into. */
export interface ProblemList {
  add(problem: Problem): void
  /** Remembers a value that no text may show. */
  secret(value: string): void
  readonly count: number
  /** @throws TunnelError `TC-CONFIG-INVALID` when anything was added. */
  throwIfAny(): void
}

/** An empty list. */
export function problemList(): ProblemList {
  const found: Problem[] = []
  const secrets = new Set<string>()
  const clean = (text: string): string => withoutValues(text, secrets)
  return {
    add: (problem) => {
      found.push(problem)
    },
    secret: (value) => {
      const bare = value.trim()
      if (bare === '') return
      secrets.add(bare)
      secrets.add(goQuote(bare).slice(1, -1))
    },
    get count() {
      return found.length
    },
    throwIfAny: () => {
      if (found.length === 0) return
      const problems = inOrder(found).map((problem) => {
        const origin = problem.origin === undefined ? undefined : originText(problem.origin)
        return new TunnelError(problem.code, clean(problem.message), {
          ...(problem.next === undefined ? {} : {next: problem.next.map(clean)}),
          ...(origin === undefined ? {} : {origin: clean(origin)}),
        })
      })
      throw summary(problems)
    },
  }
}

/** What the file itself says comes before what the values say, each in the order of evaluation. */
function inOrder(found: readonly Problem[]): Problem[] {
  const ofFile = (problem: Problem): boolean => /^(?:parse|read) config file /.test(problem.message)
  return [...found.filter(ofFile), ...found.filter((problem) => !ofFile(problem))]
}

function summary(problems: readonly TunnelError[]): TunnelError {
  const origin = problems.length === 1 ? problems[0]!.origin : undefined
  return new TunnelError('TC-CONFIG-INVALID', problems.map((problem) => problem.message).join('; '), {
    problems,
    next: [...new Set(problems.flatMap((problem) => problem.next))],
    ...(origin === undefined ? {} : {origin}),
  })
}

/** How an origin is written: `flag --mcp.command`, `env MCP_COMMAND`, `tunnel.yaml:12`, `default`. */
export function originText(origin: Origin): OriginText {
  switch (origin.layer) {
    case 'flag':
      return `flag --${origin.name}`
    case 'env':
      return `env ${origin.name}`
    case 'file':
      return `${origin.path}:${origin.line}`
    case 'default':
      return 'default'
  }
}

const CHECKS: Partial<Record<ErrorCode, string>> = {
  'TC-CONFIG-SOURCE': 'config_source',
  'TC-CONFIG-FILE-UNREADABLE': 'profile_load',
  'TC-CONFIG-YAML-SYNTAX': 'profile_load',
  'TC-CONFIG-YAML-TYPE': 'profile_load',
  'TC-CONFIG-YAML-DUPLICATE-KEY': 'profile_load',
  'TC-CONFIG-UNKNOWN-KEY': 'profile_load',
  'TC-CONFIG-VERSION': 'profile_load',
  'TC-CONFIG-TUNNEL-ID-MISSING': 'tunnel_id',
  'TC-CONFIG-TUNNEL-ID-INVALID': 'tunnel_id',
  'TC-CONFIG-API-KEY-MISSING': 'control_plane_api_key',
  'TC-CONFIG-API-KEY-MALFORMED': 'control_plane_api_key',
  'TC-CONFIG-BASE-URL': 'control_plane_base_url',
  'TC-CONFIG-MAIN-CHANNEL-MISSING': 'mcp_target',
  'TC-CONFIG-MCP-ENTRY': 'mcp_target',
}

/** Id of the doctor's check that a problem belongs to: as the reference sorts them, entries of MCP servers all together. */
export function problemCheckId(problem: TunnelError): string {
  if (/mcp\.(?:server-url|command)/.test(problem.message)) return 'mcp_target'
  if (/^(?:parse|read) config file /.test(problem.message)) return 'profile_load'
  return CHECKS[problem.code] ?? 'config_validation'
}

/** A value as error texts may show it. */
export const shown = withoutSecrets
