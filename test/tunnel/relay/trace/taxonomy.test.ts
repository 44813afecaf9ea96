// One failure, one name: what the caller gets, what the log says, what metrics count and what the trace shows are the same.

import {expect, test} from 'vitest'
import {
  FAILURES,
  type FailureClass,
  failureCode,
  failureDocs,
  failureNext,
  whoActs,
} from '../../../../src/foundation/errors/index.ts'
import {wireFailure} from '../../../../src/foundation/wire/index.ts'
import {channelFailure} from '../../../../src/tunnel/channels/failures.ts'
import {callDetail} from '../../../../src/tunnel/ops/calls/call-document.ts'
import {eventually} from '../../../support/eventually.ts'
import {fakeChannel} from '../../../support/fake-channel.ts'
import {callCommand} from '../../../support/relay-rig.ts'
import {running} from '../world.ts'

const CLASSES = Object.keys(FAILURES) as FailureClass[]

/** Sources and kinds of the published schema of `tunnel_failure`. */
const SOURCES = ['target_http', 'protocol', 'transport_closed', 'dns', 'tls', 'timeout', 'connect', 'client_internal']
const SHOWN = {scrub: (text: string) => text, nowWall: Date.now(), instanceId: 'i1'}

test('every class is the same in answer, log, event and trace', async () => {
  const channel = fakeChannel({
    serve: ({requestId}, sink) =>
      sink.onFailure(channelFailure({failure: requestId as FailureClass, message: 'broken'})),
  })
  const limits = {maxInflight: 200, maxConcurrentRequests: 200}
  const rig = await running({channels: [channel], limits})
  for (const failure of CLASSES) rig.plane.enqueue(callCommand(failure))
  const of = (type: 'call_finished' | 'command_finished') => rig.events.filter((event) => event.type === type)
  await eventually('all are over', () => of('call_finished').length === CLASSES.length)

  for (const failure of CLASSES) {
    const {rung, title} = FAILURES[failure]
    const who = whoActs(failure, 'mcp')
    const same = {rung, code: failureCode(failure)}
    const everywhere = {...same, who, docs: failureDocs(failure)}
    const {json} = await rig.plane.terminal(failure)
    const {error} = json.resp_json
    const {source, kind, status} = wireFailure(failure)
    expect(json, failure).toMatchObject({resp_code: status})
    expect(error.data, failure).toEqual({
      tunnel_failure: {
        version: 1,
        // Only a server that answered is `target_http`.
        source: source === 'target_http' ? 'protocol' : source,
        ...(kind === null ? {} : {transport_error_kind: kind}),
        upstream_response_received: false,
      },
      failure_class: failure,
      ...everywhere,
    })
    expect(SOURCES).toContain(source)
    expect(Object.keys(error.data)[0], failure).toBe('tunnel_failure')
    const logged = rig.logs.find(({attrs}) => attrs.request_id === failure && attrs.failure_class !== undefined)
    expect(logged?.attrs, failure).toMatchObject({failure_class: failure, ...same})
    const counted = of('command_finished').some(
      (event) => event.type === 'command_finished' && event.failure === failure,
    )
    expect(counted, failure).toBe(true)
    const finished = of('call_finished').find(
      (event) => event.type === 'call_finished' && event.trace.requestId === failure,
    )
    if (finished?.type !== 'call_finished') throw new Error(`${failure} left no trace`)
    expect(callDetail(finished.trace, SHOWN), failure).toMatchObject({
      failure_class: failure,
      ...everywhere,
      title,
      next: failureNext(failure, 'mcp'),
    })
  }
})

test('a cancellation and a command that cannot be read name their class, too', async () => {
  const rig = await running({channels: [fakeChannel({serve: () => {}})], limits: {maxConcurrentRequests: 1}})
  rig.plane.enqueue(
    {...callCommand('malformed'), jsonrpc: {jsonrpc: '1.0', id: 7, method: 'x'}},
    callCommand('running', {id: 1}),
    callCommand('waiting', {id: 2}),
  )
  await eventually('one waits', () => rig.relay.snapshot().queue.length === 1)
  rig.plane.enqueue(callCommand('c', {id: null, method: 'notifications/cancelled', params: {requestId: 2}}))
  for (const [requestId, failure] of [
    ['malformed', 'bad_command'],
    ['waiting', 'canceled'],
  ] as const) {
    const {json} = await rig.plane.terminal(requestId)
    expect(json).toMatchObject({
      resp_json: {error: {data: {failure_class: failure, code: failureCode(failure), docs: failureDocs(failure)}}},
    })
  }
})
