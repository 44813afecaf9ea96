// Which redirects are followed: to the same origin, and only those that keep the method. Nothing that a caller sent,
// his Authorization above all, ever goes to another origin.

/** A redirect as it came. */
export interface RedirectSeen {
  readonly status: number
  readonly location: string | null
  /** The configured URL. */
  readonly from: URL
  readonly request: {readonly method: string; readonly path: string}
}

const KEEPS_METHOD = new Set([307, 308])
const ANY = new Set([301, 302, 303, 307, 308])

/** Path and query to go to, or null when it is not followed. */
export function nextHop({status, location, from, request}: RedirectSeen): string | null {
  if (location === null) return null
  if (!(request.method === 'GET' ? ANY : KEEPS_METHOD).has(status)) return null
  const base = new URL(request.path, from)
  if (!URL.canParse(location, base.href)) return null
  const to = new URL(location, base)
  return to.origin === from.origin ? to.pathname + to.search : null
}
