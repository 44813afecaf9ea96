// What checks are judged from. A fact is looked up once, whoever asks; when it cannot be had, those who need it are BLOCKED.

import type {ConfigSource, McpBinding, TunnelConfig} from '../../foundation/config/index.ts'
import type {MetadataOutcome, RespondOutcome} from '../../tunnel/control-plane/index.ts'
import type {DaemonStatus} from '../live/index.ts'
import type {Destination} from './check.ts'
import type {AnonymousContact} from './sources/anonymous-contact.ts'
import type {ConfigProblem} from './sources/config-problem.ts'
import type {DaemonProof} from './sources/daemon-proof.ts'
import type {Handshake} from './sources/handshake.ts'
import type {ListenerState} from './sources/listener.ts'
import type {PathTrace} from './sources/path-trace.ts'

/** Every fact and its type. Those of the second group are looked up once for each destination. */
export interface FactValues {
  /** What is wrong with the configuration; empty when it can be used. Can always be had. */
  readonly problems: readonly ConfigProblem[]
  /** Which file was selected. */
  readonly source: ConfigSource
  readonly config: TunnelConfig
  /** The key as the flag names it (`env:NAME`, `file:PATH`); null when no flag did. */
  readonly keyReference: string | null
  readonly env: Surroundings
  /** What serves the channel `main`; null where it is not bound. */
  readonly main: McpBinding | null
  /** The running daemon of this very tunnel, found by the addresses of this configuration. */
  readonly daemon: DaemonStatus | null
  /** Where the health URL file points to, when somebody listens there who does not answer as that daemon. */
  readonly silentDaemon: string | null
  /** That daemon's proof that the tunnel service takes its polls, while it is fresh. */
  readonly proof: DaemonProof | null
  readonly listener: ListenerState
  /** What the tunnel service answers to a request without a key. */
  readonly anonymous: AnonymousContact
  /** The service's clock minus ours in milliseconds; null when no verified peer told. */
  readonly skew: number | null
  /** What it says of the tunnel to the holder of the key. */
  readonly metadata: MetadataOutcome
  /** What it says to an answer nobody asked for: the harmless proof of the scope Use. */
  readonly use: RespondOutcome

  /** How far the way there leads: the connector's own trace. Null where there is no way: a child process. */
  readonly path: PathTrace | null
  /** What an MCP server answers. */
  readonly handshake: Handshake
}

/** Where we stand. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly home: string
}

/** Name of a fact. */
export type FactName = keyof FactValues

/** A fact that cannot be had because something is broken that a row reports. */
export class FactUnavailable extends Error {
  override readonly name = 'FactUnavailable'
  /** Key of the row that reports the cause. */
  readonly blockedBy: string

  constructor(blockedBy: string, reason: string) {
    super(reason)
    this.blockedBy = blockedBy
  }
}

/** The facts of one run. */
export interface Facts {
  /** Looks a fact up, or joins the look-up under way. Rejects with {@link FactUnavailable}, or with a defect. */
  get<Name extends FactName>(name: Name, destination: Destination | null): Promise<FactValues[Name]>
}

/** How one fact is looked up; it may ask for other facts. */
export type FactSource<Name extends FactName> = (
  facts: Facts,
  destination: Destination | null,
) => Promise<FactValues[Name]>

/** A source for every fact. */
export type FactSources = {readonly [Name in FactName]: FactSource<Name>}

const PER_DESTINATION: ReadonlySet<FactName> = new Set<FactName>(['path', 'handshake'])

/** Memoises `sources` for one run: each look-up happens at most once, and only when somebody asks. */
export function createFacts(sources: FactSources): Facts {
  const known = new Map<string, Promise<unknown>>()
  const facts: Facts = {
    get: <Name extends FactName>(name: Name, destination: Destination | null) => {
      const scope = PER_DESTINATION.has(name) ? destination : null
      const key = `${name} ${scope?.name ?? ''}`
      let found = known.get(key) as Promise<FactValues[Name]> | undefined
      if (found === undefined) {
        found = sources[name](facts, scope)
        found.catch(() => {})
        known.set(key, found)
      }
      return found
    },
  }
  return facts
}
