// Looks at `/readyz` every 20 ms without a pause between events, so that a scenario can say what it answered when.

import {Agent, get} from 'node:http'

/** One look. Times are monotonic milliseconds of this process: when it was asked, when the answer was here. */
export interface Look {
  readonly askedAt: number
  readonly answeredAt: number
  /** 0: nobody answered. */
  readonly status: number
  readonly body: string
}

const EVERY_MS = 20
/** No busy machine makes a look so long: who asks hears nothing, and that counts as it is. */
const STALLED_MS = 3000

/** Samples until it is stopped. */
export class Sampler {
  readonly looks: Look[] = []
  readonly #agent = new Agent({keepAlive: true, maxSockets: 1})
  readonly #url: string
  readonly #done: Promise<void>
  #stopped = false

  /** `url`: the operator surface. Starts at once. */
  constructor(url: string) {
    this.#url = `${url}/readyz`
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#done
    this.#agent.destroy()
  }

  /** Looks that were asked from then on, until then. */
  between(from: number, to = Number.POSITIVE_INFINITY): Look[] {
    return this.looks.filter(({askedAt}) => askedAt >= from && askedAt < to)
  }

  /** When the first look with this status, asked after `from`, was answered; undefined: not yet. */
  firstAfter(from: number, status: number): number | undefined {
    return this.looks.find((look) => look.askedAt >= from && look.status === status)?.answeredAt
  }

  /**
   * Milliseconds between two moments, or 20 for each look in between when that is less: a look is a round trip between two
   * processes, so on a busy machine it takes longer as everything does, and their number is the better clock. A look that
   * stalls counts in full, though.
   */
  took(from: number, to: number): number {
    const counted = this.between(from, to).map(({askedAt, answeredAt}) => {
      const ms = answeredAt - askedAt
      return ms < STALLED_MS ? EVERY_MS : ms
    })
    return Math.min(
      to - from,
      counted.reduce((sum, ms) => sum + ms, 0),
    )
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const askedAt = performance.now()
      const {status, body} = await this.#look()
      this.looks.push({askedAt, answeredAt: performance.now(), status, body})
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, askedAt + EVERY_MS - performance.now())))
    }
  }

  #look(): Promise<{status: number; body: string}> {
    return new Promise((resolve) => {
      const nobody = (): void => resolve({status: 0, body: ''})
      get(this.#url, {agent: this.#agent, timeout: 5000}, (reply) => {
        let body = ''
        reply.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        reply.on('end', () => resolve({status: reply.statusCode ?? 0, body}))
        reply.on('error', nobody)
      })
        .on('error', nobody)
        .on('timeout', nobody)
    })
  }
}
