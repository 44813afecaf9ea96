// How long calls waited for the MCP server inside the daemon: the phase `mcp_wait` of the timelines that a running daemon keeps,
// read while it runs because old ones are forgotten.

import {readFileSync} from 'node:fs'
import type {CallListDocument} from '../../../src/tunnel/ops/api/calls.ts'

const PAGE = 500
const EVERY_MS = 500

/** Follows the calls of one method. */
export class WaitFollower {
  readonly #url: string
  readonly #method: string
  #waits: number[] = []
  #after: number | null = null
  #gaps = 0
  #timer: NodeJS.Timeout | null = null
  #reading: Promise<void> = Promise.resolve()

  constructor({urlFile, method}: {readonly urlFile: string; readonly method: string}) {
    this.#url = readFileSync(urlFile, 'utf8').trim()
    this.#method = method
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#reading = this.#reading.then(() => this.#read())
    }, EVERY_MS)
  }

  /** Milliseconds of the calls that ended since the last call of this, and how often some were missed. */
  async take(): Promise<{readonly waits: readonly number[]; readonly gaps: number}> {
    this.#reading = this.#reading.then(() => this.#read())
    await this.#reading
    const taken = {waits: this.#waits, gaps: this.#gaps}
    this.#waits = []
    this.#gaps = 0
    return taken
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  async #read(): Promise<void> {
    for (let more = true; more; ) {
      const after = this.#after === null ? '' : `&after=${this.#after}`
      const reply = await fetch(`${this.#url}/api/calls?limit=${PAGE}${after}`)
      const document = (await reply.json()) as CallListDocument
      if (document.gap && this.#after !== null) this.#gaps++
      for (const {method, times, outcome} of document.calls) {
        const {dispatched, answered} = times
        if (method !== this.#method || outcome !== 'answered' || dispatched === null || answered === null) continue
        this.#waits.push(answered - dispatched)
      }
      this.#after = document.next_after
      more = document.more
    }
  }
}
