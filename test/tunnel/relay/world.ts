// Relays for one test each, and channels whose answers a test gives when it likes.

import type {ChannelSink} from '../../../src/tunnel/channels/index.ts'
import {type FakeChannel, fakeChannel, JSON_HEAD} from '../../support/fake-channel.ts'
import {type RelayRig, relayRig} from '../../support/relay-rig.ts'

/** A relay that polls, until its test is over. */
export async function running(options: Parameters<typeof relayRig>[0] = {}): Promise<RelayRig> {
  const rig = await relayRig(options)
  rig.relay.start()
  return rig
}

/** A channel that keeps the sinks of its calls, so that the test answers when it likes. */
export function holding(name = 'main'): {
  channel: FakeChannel
  sinks: Map<string, ChannelSink>
  answer: (id: string) => void
} {
  const sinks = new Map<string, ChannelSink>()
  const channel = fakeChannel({
    name,
    serve: ({requestId, message}, sink) => {
      sinks.set(requestId, sink)
      if (message.kind !== 'request') sink.onAccepted({status: 202, headers: []})
    },
  })
  const answer = (requestId: string): void => {
    const call = channel.calls.find((one) => one.requestId === requestId)!
    const body = `{"jsonrpc":"2.0","id":${call.message.id},"result":"${requestId}"}`
    sinks.get(requestId)!.onResponse(Buffer.from(body), JSON_HEAD)
  }
  return {channel, sinks, answer}
}
