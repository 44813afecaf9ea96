// DNS queries over c-ares with the search list of resolver(5), which c-ares itself does not apply here.

import {Resolver} from 'node:dns/promises'
import {codeOf} from '../classify.ts'
import type {ResolvConf} from './system-files.ts'

/** How long the second family may take once the first one has addresses: some servers never answer AAAA. */
const OTHER_FAMILY_MS = 500

/** One question. */
export interface SearchQuery {
  readonly name: string
  readonly conf: ResolvConf
  readonly budgetMs: number
  readonly signal: AbortSignal
}

/** What came back: addresses with the full name that had them, or none and a c-ares code. */
export interface SearchAnswer {
  readonly name: string
  readonly addresses: readonly string[]
  readonly code: string
}

/** The names to ask for, in order, by the rules of resolver(5). */
export function candidates(name: string, {search, ndots}: Pick<ResolvConf, 'search' | 'ndots'>): string[] {
  if (name.endsWith('.')) return [name]
  const dots = name.split('.').length - 1
  const listed = search.map((domain) => (domain === '' ? `${name}.` : `${name}.${domain}.`))
  const all = dots >= ndots ? [`${name}.`, ...listed] : [...listed, `${name}.`]
  return [...new Set(all)]
}

/** Asks for one candidate after the other until one has addresses. */
export async function searchQuery({name, conf, budgetMs, signal}: SearchQuery): Promise<SearchAnswer> {
  // Two rounds over all servers, the second one with twice the patience, fit into the budget; else a dead first server
  // would eat it up.
  const patience = Math.max(100, Math.floor(budgetMs / (3 * conf.servers.length)))
  const resolver = new Resolver({timeout: Math.min(conf.timeoutMs, patience), tries: conf.attempts})
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel, {once: true})
  try {
    resolver.setServers(conf.servers.map((server) => (server.includes(':') ? `[${server}]` : server)))
    const codes: string[] = []
    for (const candidate of candidates(name, conf)) {
      const answer = await bothFamilies(resolver, candidate)
      if (answer.addresses.length > 0) return answer
      codes.push(answer.code)
      if (!GOES_ON.has(answer.code) || signal.aborted) break
    }
    return {name, addresses: [], code: GRAVEST.find((code) => codes.includes(code)) ?? codes.at(-1) ?? 'ENOTFOUND'}
  } finally {
    signal.removeEventListener('abort', cancel)
    resolver.cancel()
  }
}

/** After these the next name of the search list is tried; a server that does not answer ends the search. */
const GOES_ON = new Set(['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EREFUSED', 'EBADNAME'])

const GRAVEST = ['ECONNREFUSED', 'ETIMEOUT', 'ECANCELLED', 'ESERVFAIL', 'EREFUSED', 'ENODATA', 'ENOTFOUND']

async function bothFamilies(resolver: Resolver, name: string): Promise<SearchAnswer> {
  const asked = name.replace(/\.$/, '')
  const ask = (query: Promise<string[]>): Promise<{addresses: string[]; code: string}> =>
    query.then(
      (addresses) => ({addresses, code: addresses.length > 0 ? '' : 'ENODATA'}),
      (error: unknown) => ({addresses: [], code: codeOf(error) || 'ESERVFAIL'}),
    )
  const v6 = ask(resolver.resolve6(asked))
  const v4 = ask(resolver.resolve4(asked))
  const first = await Promise.race([v6, v4])
  const none = {addresses: [] as string[], code: ''}
  const patience = first.addresses.length > 0 ? sleep(OTHER_FAMILY_MS) : null
  const late = patience ? [patience.over.then(() => none)] : []
  const [six, four] = await Promise.all([Promise.race([v6, ...late]), Promise.race([v4, ...late])])
  patience?.stop()
  const codes = [six.code, four.code]
  return {
    name,
    addresses: [...six.addresses, ...four.addresses],
    code: GRAVEST.find((code) => codes.includes(code)) ?? codes.find((code) => code !== '') ?? '',
  }
}

function sleep(ms: number): {over: Promise<void>; stop(): void} {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return {over, stop: () => clearTimeout(timer)}
}
