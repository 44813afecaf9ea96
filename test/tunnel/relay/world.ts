// Relays for one test each, and channels whose answers a test gives when it likes.

import {afterEach} from 'vitest'
import type {ChannelSink} from '../../../src/tunnel/channels/index.ts'
import {type FakeChannel, fakeChannel, JSON_HEAD} from '../../support/fake-channel.ts'
import {type RelayRig, relayRig} from '../../support/relay-rig.ts'

/** Makes started relays that end with their test. */
export function relayWorld(): (options?: Parameters<typeof relayRig>[0]) => Promise<RelayRig> {
  const open: RelayRig[] = []
  afterEach(async () => {
    for (const rig of open.splice(0)) await rig.close()
  })
  return async (options = {}) => {
    const rig = await relayRig(options)
    open.push(rig)
    rig.relay.start()
    return rig
  }
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
