// Local facts do not wait for the network: what the service says is added when it comes in time.

/** Everything of `list` and `status` together, from the start of the process, in milliseconds. */
const WHOLE_MS = 800
/** Less is not worth asking. */
const LEAST_MS = 150

/** Milliseconds that a question to the service may take: the given time, or what is left of the whole. */
export const remoteBudget = (givenMs: number | null): number =>
  givenMs ?? Math.max(LEAST_MS, WHOLE_MS - performance.now())

/** The answer of `work`, or null when it takes longer; its signal is aborted then. */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<{value: T} | null> {
  const over = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null)
      over.abort()
    }, ms)
  })
  const answer = work(over.signal).then((value) => ({value}))
  answer.catch(() => {})
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
