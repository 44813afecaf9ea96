// What the server that runs now has said of itself in answers to its callers: noted in passing, never asked for. Names only,
// within fixed bounds; schemas, descriptions and cursors are not kept.

import type {Clock} from '../../../foundation/platform/index.ts'
import type {RpcMessage} from '../../../foundation/wire/index.ts'
import {asRecord, asText} from '../server-identity.ts'
import {ToolNames} from './tool-names.ts'

/** What a successful `initialize` or `server/discover` said. `at`: wall clock, milliseconds. */
export interface IntroductionReceipt {
  readonly at: number
  /** The negotiated one, or all that were offered. */
  readonly protocolVersions: readonly string[]
  readonly serverName: string
  readonly serverVersion: string
  readonly capabilities: readonly string[]
  /** Something was too long to be kept. */
  readonly limited: boolean
}

/** What `tools/list` said. */
export interface ToolsListReceipt {
  readonly at: number
  /** Sorted. */
  readonly names: readonly string[]
  /** From the first page to the last, and nothing left out. */
  readonly complete: boolean
  /** Something was too much to be kept. */
  readonly limited: boolean
}

/** The receipt of one server process. */
export interface ProtocolReceipt {
  /** Successful exchanges with this very process. */
  readonly initializeEpoch: number
  readonly discoverEpoch: number
  readonly initialize: IntroductionReceipt | null
  readonly discover: IntroductionReceipt | null
  readonly tools: ToolsListReceipt | null
}

/** Larger answers are passed on like any other, but not looked into. */
const MOST_ANSWER = 1024 * 1024
const MOST_REQUEST = 8 * 1024
const MOST_FIELD = 256
const MOST_VERSIONS = 32
/** Where the 2026-07-28 revision keeps the server's name. */
const IN_META = 'io.modelcontextprotocol/serverInfo'

/** Capability names that MCP knows; others are the server's own words. */
const CAPABILITIES: ReadonlySet<string> = new Set(
  'completions experimental extensions logging prompts resources tasks tools'.split(' '),
)

/** Writes the receipt of whichever server runs. */
export class ReceiptBook {
  readonly #clock: Clock
  #initializeEpoch = 0
  #discoverEpoch = 0
  #initialize: IntroductionReceipt | null = null
  #discover: IntroductionReceipt | null = null
  #tools = new ToolNames()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Another process is there: nothing that was said before was said by it. */
  newServer(): void {
    this.#initializeEpoch = 0
    this.#discoverEpoch = 0
    this.#initialize = null
    this.#discover = null
    this.#tools = new ToolNames()
  }

  /** The server has answered a request with a result. Costs a comparison for what is not looked at. */
  answered(request: RpcMessage, answer: Buffer): void {
    switch (request.method) {
      case 'initialize':
        this.#initializeEpoch += 1
        this.#initialize = this.#introduction(answer)
        this.#tools = new ToolNames()
        break
      case 'server/discover':
        this.#discoverEpoch += 1
        this.#discover = this.#introduction(answer)
        this.#tools = new ToolNames()
        break
      case 'tools/list':
        this.#listed(request, answer)
        break
      default:
    }
  }

  /** The server said that its tools are others now. */
  toolsChanged(): void {
    this.#tools.invalidate()
  }

  receipt(): ProtocolReceipt {
    return {
      initializeEpoch: this.#initializeEpoch,
      discoverEpoch: this.#discoverEpoch,
      initialize: this.#initialize,
      discover: this.#discover,
      tools: this.#tools.receipt(),
    }
  }

  #introduction(answer: Buffer): IntroductionReceipt {
    const at = this.#clock.wall()
    const result = resultOf(answer)
    if (result === null) {
      return {at, protocolVersions: [], serverName: '', serverVersion: '', capabilities: [], limited: true}
    }
    const info = asRecord(asRecord(result._meta)?.[IN_META]) ?? asRecord(result.serverInfo)
    const offered = Array.isArray(result.supportedVersions) ? result.supportedVersions : [result.protocolVersion]
    const versions = [...new Set(offered.map(asText).filter((version) => version !== ''))].toSorted()
    const fits = (text: string): boolean => Buffer.byteLength(text) <= MOST_FIELD
    const kept = (text: string): string => (fits(text) ? text : '')
    const name = asText(info?.name)
    const version = asText(info?.version)
    return {
      at,
      protocolVersions: versions.filter(fits).slice(0, MOST_VERSIONS),
      serverName: kept(name),
      serverVersion: kept(version),
      capabilities: Object.keys(asRecord(result.capabilities) ?? {})
        .filter((key) => CAPABILITIES.has(key))
        .toSorted(),
      limited: ![name, version, ...versions].every(fits) || versions.length > MOST_VERSIONS,
    }
  }

  #listed(request: RpcMessage, answer: Buffer): void {
    const at = this.#clock.wall()
    const result = resultOf(answer)
    const asked = request.raw.length > MOST_REQUEST ? null : parsed(request.raw)
    if (result === null || asked === null || !Array.isArray(result.tools)) {
      this.#tools.unreadable(at)
      return
    }
    const cursor = asRecord(asked.params)?.cursor
    this.#tools.page({
      at,
      cursor: typeof cursor === 'string' ? cursor : null,
      next: typeof result.nextCursor === 'string' ? result.nextCursor : null,
      names: result.tools.map((tool) => asText(asRecord(tool)?.name)),
    })
  }
}

const resultOf = (answer: Buffer): Record<string, unknown> | null =>
  answer.length > MOST_ANSWER ? null : asRecord(parsed(answer)?.result)

function parsed(bytes: Buffer): Record<string, unknown> | null {
  try {
    return asRecord(JSON.parse(bytes.toString('utf8')))
  } catch {
    return null
  }
}
