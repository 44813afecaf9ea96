// Which route serves a path. A dozen fixed patterns need no router library: the smallest one is as large as all the code
// of ours that a daemon loads before its first poll.

/** A route's value and the decoded parameters of its pattern. */
export interface RouteMatch<T> {
  readonly value: T
  readonly params: Readonly<Record<string, string>>
}

/** Finds the route of a request target, null: nobody serves it, or it cannot be decoded. */
export type Router<T> = (target: string) => RouteMatch<T> | null

interface Pattern<T> {
  readonly segments: readonly string[]
  readonly value: T
}

/** Longer parameters belong to no tunnel, channel or call. */
const LONGEST_PARAM = 4096
const NO_PARAMS = Object.freeze({})

/**
 * Routes by pattern: `/v1/tunnels/:id/poll`. Exact paths go before patterns, patterns in the order given; a trailing slash
 * and the query of the target do not matter.
 */
export function createRouter<T>(routes: readonly {readonly path: string; readonly value: T}[]): Router<T> {
  const exact = new Map<string, RouteMatch<T>>()
  const patterns: Pattern<T>[] = []
  for (const {path, value} of routes) {
    const isExact = !path.includes('/:')
    if (isExact) exact.set(path, {value, params: NO_PARAMS})
    patterns[isExact ? 'unshift' : 'push']({segments: path.split('/'), value})
  }
  return (target) => {
    const path = pathOf(target)
    const known = exact.get(path)
    if (known !== undefined) return known
    const segments = decoded(path)
    if (segments === null) return null
    for (const pattern of patterns) {
      const params = match(pattern.segments, segments)
      if (params !== null) return {value: pattern.value, params}
    }
    return null
  }
}

/** Without origin (proxies may send one), query, fragment and trailing slash. */
function pathOf(target: string): string {
  const local = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '')
  const end = local.search(/[?#]/)
  const path = end === -1 ? local : local.slice(0, end)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

function decoded(path: string): string[] | null {
  const segments = path.split('/')
  if (!path.includes('%')) return segments
  try {
    return segments.map(decodeURIComponent)
  } catch {
    return null
  }
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null
  const params: Record<string, string> = {}
  for (const [index, wanted] of pattern.entries()) {
    const given = segments[index]!
    if (!wanted.startsWith(':')) {
      if (given !== wanted) return null
    } else if (given === '' || given.length > LONGEST_PARAM) return null
    else params[wanted.slice(1)] = given
  }
  return params
}
