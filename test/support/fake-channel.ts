// A channel whose MCP server is a function of the test: the outside world of the relay, in process.

import type {Channel, ChannelCall, ChannelFailure, ChannelSink, UpstreamHead} from '../../src/tunnel/channels/index.ts'

/** What the server does with a message. */
export type Serve = (call: ChannelCall, sink: ChannelSink, channel: FakeChannel) => void

/** A channel that records what it gets. */
export interface FakeChannel extends Channel {
  readonly calls: ChannelCall[]
  readonly canceled: {readonly requestId: string; readonly reason: string}[]
  readonly terminated: (readonly string[])[]
  paused: number
  resumed: number
}

/** Status and headers of an ordinary JSON answer. */
export const JSON_HEAD: UpstreamHead = {status: 200, headers: ['content-type', 'application/json']}

/** The result `{}` for a call, an acknowledgement for everything else. */
export const answerAll: Serve = ({message}, sink) => {
  if (message.kind !== 'request') sink.onAccepted({status: 202, headers: []})
  else sink.onResponse(Buffer.from(`{"jsonrpc":"2.0","id":${message.id},"result":{}}`), JSON_HEAD)
}

/** Starts one. */
export function fakeChannel(
  options: {readonly name?: string; readonly serve?: Serve; readonly terminate?: () => Promise<UpstreamHead>} = {},
): FakeChannel {
  const {name = 'main', serve = answerAll} = options
  const channel: FakeChannel = {
    name,
    kind: 'http-streamable',
    processAffinity: false,
    calls: [],
    canceled: [],
    terminated: [],
    paused: 0,
    resumed: 0,
    start: async () => {},
    probe: async () => ({state: 'pending'}),
    send(call, sink) {
      channel.calls.push(call)
      serve(call, sink, channel)
      return {
        cancel: (reason) => {
          channel.canceled.push({requestId: call.requestId, reason})
        },
        pause: () => {
          channel.paused += 1
        },
        resume: () => {
          channel.resumed += 1
        },
      }
    },
    async terminateSession(headers) {
      channel.terminated.push(headers)
      return options.terminate ? options.terminate() : {status: 204, headers: []}
    },
    status: () => ({name, kind: 'http-streamable', evidence: {state: 'pending'}, target: '', lastLife: 0, details: []}),
    watch: () => () => {},
    stop: async () => {},
  }
  return channel
}

/** A failure as the HTTP transport reports a refused connection. */
export const refusedFailure: ChannelFailure = {
  failure: 'refused',
  source: 'connect',
  kind: 'connection_refused',
  status: 502,
  upstreamResponded: false,
  headers: [],
  message: 'nobody listens there',
}
