// A transport: its file with the binding it is made from, its test, its registry line.

import {type Addition, camel, pascal} from './addition.ts'

/** `name` is kebab-case and becomes the kind of binding and channel. */
export function newTransport(name: string): Addition {
  const file = `src/tunnel/channels/transports/${name}.ts`
  const binding = `${pascal(name)}Binding`
  return {
    files: {[file]: source(name), [`test/tunnel/channels/transports/${name}.test.ts`]: test(name)},
    insertions: [
      {
        path: 'src/tunnel/channels/registry.ts',
        before: /^import \{createStdioChannel\}/m,
        text: `import {create${pascal(name)}Channel} from './transports/${name}.ts'\n`,
      },
      {
        path: 'src/tunnel/channels/registry.ts',
        before: /^\}\n*$(?![\s\S])/m,
        text: `  ${plain(name) ? name : `'${name}'`}: create${pascal(name)}Channel,\n`,
      },
      {
        path: 'src/tunnel/channels/context.ts',
        before: /^\n(?=\/\*\*)/m,
        text: `import type {${binding}} from './transports/${name}.ts'\n`,
      },
      {path: 'src/tunnel/channels/context.ts', before: /(?<=^export type ChannelBinding = )/m, text: `${binding} | `},
      {path: 'src/tunnel/channels/channel.ts', before: /(?<=^export type TransportKind = )/m, text: `'${name}' | `},
    ],
    next: [
      `Carry messages in ${file}; docs of each method are in src/tunnel/channels/channel.ts`,
      'Let the configuration bind it: McpBinding in src/foundation/config/types.ts and a row in rows/mcp.ts',
      'Run: npm run check, and the scenarios with the new binding',
    ],
  }
}

const plain = (name: string): boolean => /^[a-z0-9]+$/.test(name)
const member = (name: string): string => (plain(name) ? `TRANSPORTS.${name}` : `TRANSPORTS['${name}']`)

const source = (name: string): string => {
  const type = pascal(name)
  return `// Which MCP servers this transport reaches, and how: say it here.

import type {RawHeaders} from '../../../foundation/platform/index.ts'
import type {
  Channel,
  ChannelCall,
  ChannelEvent,
  ChannelEvidence,
  ChannelHandle,
  ChannelSink,
  ChannelStatus,
  UpstreamHead,
} from '../channel.ts'
import type {ChannelContext} from '../context.ts'
import {EvidenceBoard} from '../evidence.ts'
import {channelFailure} from '../failures.ts'

/** What a channel of this kind is made from. */
export interface ${type}Binding {
  readonly kind: '${name}'
  readonly channel: string
}

/** Answers every call with a failure until it can carry one. */
export function create${type}Channel(binding: ${type}Binding, context: ChannelContext): Channel {
  return new ${type}Channel(binding, context)
}

class ${type}Channel implements Channel {
  readonly name: string
  readonly kind = '${name}'
  readonly processAffinity = false
  readonly #board: EvidenceBoard

  constructor(binding: ${type}Binding, {clock}: ChannelContext) {
    this.name = binding.channel
    this.#board = new EvidenceBoard(clock)
  }

  async start(): Promise<void> {}

  async probe(): Promise<ChannelEvidence> {
    return this.#board.current
  }

  send(_call: ChannelCall, sink: ChannelSink): ChannelHandle {
    sink.onFailure(channelFailure({failure: 'internal', message: 'the ${name} transport carries no calls yet'}))
    return {cancel: () => {}, pause: () => {}, resume: () => {}}
  }

  async terminateSession(_headers: RawHeaders): Promise<UpstreamHead> {
    return {status: 405, headers: []}
  }

  status(): ChannelStatus {
    return {
      name: this.name,
      kind: this.kind,
      evidence: this.#board.current,
      details: [],
      target: '',
      lastLife: this.#board.lastLife,
    }
  }

  watch(listener: (event: ChannelEvent) => void): () => void {
    return this.#board.watch(listener)
  }

  async stop(): Promise<void> {}
}
`
}

const test = (name: string): string => `import {expect, it} from 'vitest'
import {silentLogger, systemClock} from '../../../../src/foundation/platform/index.ts'
import type {ChannelContext} from '../../../../src/tunnel/channels/context.ts'
import {TRANSPORTS} from '../../../../src/tunnel/channels/registry.ts'

it('is made by its kind and answers a call exactly once', () => {
  const context = {clock: systemClock, log: silentLogger} as unknown as ChannelContext
  const ${camel(name)} = ${member(name)}({kind: '${name}', channel: 'main'}, context)
  expect(${camel(name)}.status()).toMatchObject({name: 'main', kind: '${name}'})
  const failures: string[] = []
  ${camel(name)}.send({} as never, {onFailure: ({message}: {message: string}) => failures.push(message)} as never)
  expect(failures).toEqual(['the ${name} transport carries no calls yet'])
})
`
