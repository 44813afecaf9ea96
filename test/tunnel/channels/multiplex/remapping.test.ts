import fc from 'fast-check'
import {expect, test} from 'vitest'
import {systemClock} from '../../../../src/foundation/platform/index.ts'
import {readRpcMessage} from '../../../../src/foundation/wire/index.ts'
import {Multiplexer} from '../../../../src/tunnel/channels/multiplex/multiplexer.ts'
import {rememberingLog} from '../../../support/open-channel.ts'

/** A multiplexer over a server that keeps what it is sent. */
function overServer() {
  const received: {id: number; token: unknown; raw: string}[] = []
  const multiplexer = new Multiplexer({
    log: rememberingLog().log,
    clock: systemClock,
    taskTtl: 1000,
    onLife: () => {},
    onSilence: () => {},
    onServer: () => {},
    onGarbage: () => {},
  })
  multiplexer.attach({
    write: (bytes) => {
      const raw = bytes.toString()
      const message = JSON.parse(raw)
      received.push({id: message.id, token: message.params?._meta?.progressToken, raw})
      return true
    },
    hold: () => {},
  } as Parameters<Multiplexer['attach']>[0])
  return {multiplexer, received}
}

const token = fc.oneof(
  fc.constantFrom(
    '0',
    '1',
    '"1"',
    '1.0',
    '1e3',
    '-0',
    '9007199254740993',
    '18446744073709551616',
    '"a\\u0062"',
    '"ab"',
  ),
  fc.bigInt().map(String),
  fc.string().map((text) => JSON.stringify(text)),
)
const caller = fc.record({id: token, progress: fc.option(token), session: fc.constantFrom('', 'a', 'b')})

test('whatever ids and progress tokens callers use, each gets its own answer and progress, under its own bytes', () => {
  fc.assert(
    fc.property(
      fc.array(caller, {minLength: 1, maxLength: 12}),
      fc.infiniteStream(fc.nat()),
      fc.constantFrom(
        (id: number) => `${id}`,
        (id: number) => `"${id}"`,
        (id: number) => `${id}.0`,
      ),
      (callers, order, spell) => {
        const {multiplexer, received} = overServer()
        const heard: string[][] = callers.map(() => [])
        callers.forEach(({id, progress, session}, at) => {
          const meta = progress === null ? '' : `,"_meta":{"progressToken":${progress}}`
          const raw = `{"jsonrpc":"2.0","id":${id},"method":"m","params":{"at":${at}${meta}}}`
          multiplexer.send(
            {
              requestId: String(at),
              message: readRpcMessage(Buffer.from(raw)),
              headers: session === '' ? [] : ['Mcp-Session-Id', session],
              deadline: null,
            },
            {
              onNotification: (bytes) => heard[at]!.push(bytes.toString()),
              onResponse: (bytes) => heard[at]!.push(bytes.toString()),
              onAccepted: () => heard[at]!.push('accepted'),
              onFailure: ({message}) => heard[at]!.push(message),
            },
          )
        })
        // Internal ids are numbers, all different, and progress tokens are the same numbers.
        expect(new Set(received.map(({id}) => id)).size).toBe(callers.length)
        for (const {id, token: internal} of received) expect([undefined, id]).toContain(internal)
        const waiting = received.map((one, at) => ({...one, at}))
        while (waiting.length > 0) {
          const [{id, at, token: internal}] = waiting.splice(order.next().value! % waiting.length, 1) as [
            (typeof waiting)[number],
          ]
          if (internal !== undefined) {
            const params = `{"progressToken":${spell(id)},"progress":${at}}`
            multiplexer.receive(Buffer.from(`{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`))
          }
          multiplexer.receive(Buffer.from(`{"jsonrpc":"2.0","id":${spell(id)},"result":{"at":${at}}}`))
        }
        callers.forEach(({id, progress}, at) => {
          const answer = `{"jsonrpc":"2.0","id":${id},"result":{"at":${at}}}`
          const params = `{"progressToken":${progress},"progress":${at}}`
          const note = `{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`
          expect(heard[at]).toEqual(progress === null ? [answer] : [note, answer])
        })
        expect(multiplexer.working).toBe(0)
      },
    ),
  )
})
