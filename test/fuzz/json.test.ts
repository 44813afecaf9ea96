// Fuzz targets of everything that reads JSON without JSON.parse, with JSON.parse as the oracle.

import {isUtf8} from 'node:buffer'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {decodePollBody, type PollBody, RpcInvalid, readRpcMessage, sameId} from '../../src/foundation/wire/index.ts'
import {readCallerMessage} from '../../src/service/tunnel-service/ingress/rpc-body.ts'
import {jsonErrorAt} from '../../src/service/tunnel-service/ingress/strict-json.ts'
import {FUZZ_TIMEOUT_MS, fuzz, nearly} from '../support/fuzz.ts'

const ALPHABET = [
  ...['{', '}', '[', ']', '"', ',', ':', '\\', '\\u0069', '\\ud800', '\\u', '-', '0', '.', 'e', '+', '1', 'x'],
  ...[
    'true',
    'nul',
    ' ',
    '\n',
    '\t',
    '\u0001',
    '\u007f',
    'é',
    '\ufeff',
    '"id"',
    '"jsonrpc":"2.0",',
    '"id":1,',
    '9'.repeat(30),
  ],
]

const parse = (bytes: Buffer): unknown => {
  if (!isUtf8(bytes)) return undefined
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

// biome-ignore lint/suspicious/noExplicitAny: any JSON
type Json = any

const id = fc.oneof(
  fc.constantFrom(
    '1',
    '0',
    '-0',
    '1.0',
    '1e2',
    'null',
    'true',
    '{}',
    '[]',
    '""',
    '"1"',
    '"\\u0031"',
    '9007199254740993',
  ),
  fc.integer().map(String),
  fc.string().map((text) => JSON.stringify(text)),
)
const member = fc.oneof(
  id.map((token) => `"id":${token}`),
  fc.constantFrom('"jsonrpc":"2.0"', '"jsonrpc":"1.0"', '"jsonrpc":2.0', '"\\u006asonrpc":"2.0"'),
  fc.constantFrom('"method":"ping"', '"method":""', '"method":5', '"method":"tools/call"', '"m\\u0065thod":"x"'),
  fc.constantFrom('"result":{}', '"error":{"code":1,"message":"x"}', '"params":{}'),
  fc.json().map((json) => `"params":${json}`),
  fc.tuple(fc.string(), fc.json()).map(([name, json]) => `${JSON.stringify(name)}:${json}`),
)
const space = fc.constantFrom('', '', ' ', '\n', '\r\n\t')
const rpcText = fc
  .tuple(space, fc.array(member, {maxLength: 6}), space)
  .map(([before, members, after]) => `${before}{${members.join(`,${after}`)}}${after}`)
const goodRpc = id.map((token) => `{"jsonrpc":"2.0","id":${token},"method":"ping","params":{"a":[1,"é\\n"]}}`)

test(
  'strict JSON accepts exactly what JSON.parse does',
  () => {
    fuzz(
      nearly(fc.oneof(fc.json(), rpcText), ALPHABET),
      (bytes) => {
        // Bytes that are not UTF-8 are refused before.
        if (!isUtf8(bytes) || bytes.subarray(0, 3).equals(Buffer.from('\ufeff'))) return
        const offset = jsonErrorAt(bytes)
        expect(offset === -1).toBe(parse(bytes) !== undefined)
        expect(offset).toBeLessThanOrEqual(bytes.length)
      },
      {
        runs: 5000,
        corpus: ['', '"\\', '"\\u12', '-', '1.', '1e', '[', '[1,', '{"a"', '{"a":', '{"a":1,', '0 0'].map((text) =>
          Buffer.from(text),
        ),
      },
    )
  },
  FUZZ_TIMEOUT_MS,
)

test(
  'a call of the ingress is a JSON-RPC message, or refused',
  () => {
    fuzz(
      nearly(fc.oneof(rpcText, goodRpc), ALPHABET),
      (bytes) => {
        let message: ReturnType<typeof readCallerMessage>
        try {
          message = readCallerMessage(bytes)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(RpcInvalid)
          return
        }
        const seen = JSON.parse(message.raw.toString('utf8')) as Json
        expect(seen.jsonrpc).toBe('2.0')
        expect(seen.method ?? null).toBe(message.method)
        if (message.id === null) expect(seen.id ?? null).toBeNull()
        else expect(JSON.parse(message.id)).toBe(seen.id)
        const kind = message.method === null ? 'response' : message.id === null ? 'notification' : 'request'
        expect(message.kind).toBe(kind)
      },
      {
        runs: 5000,
        corpus: [
          Buffer.from('\ufeff{"jsonrpc":"2.0","id":1,"method":"m"}'),
          Buffer.from('{"jsonrpc":"2.0","id":null,"method":"m"}'),
        ],
      },
    )
  },
  FUZZ_TIMEOUT_MS,
)

test(
  'ids are the same exactly when their values are',
  () => {
    fuzz(fc.tuple(id, id), ([a, b]) => {
      const isId = (token: string): boolean => /^["\-\d]/.test(token)
      if (!isId(a) || !isId(b)) return
      const [x, y] = [JSON.parse(a), JSON.parse(b)]
      // Integers beyond 2^53 are compared as they are written.
      if (typeof x === 'number' && (Math.abs(x) > 2 ** 53 || Math.abs(y as number) > 2 ** 53)) return
      expect(sameId(a, b)).toBe(Object.is(x, y) || (x === 0 && y === 0 && /[.eE]/.test(a + b)))
    })
  },
  FUZZ_TIMEOUT_MS,
)

const commandMember = fc.oneof(
  fc.constantFrom('"request_id":"r1"', '"shard_token":"s1"', '"command_type":"jsonrpc"', '"command_type":"cancel"'),
  fc.constantFrom('"command_type":"session_stream"', '"cancels":"r0"', '"response_timeout":"30s"', '"channel":"main"'),
  fc.constantFrom('"headers":{"Mcp-Session-Id":["s"]}', '"headers":{"a b":["x"]}', '"headers":null', '"channel":"!"'),
  rpcText.map((text) => `"jsonrpc":${text}`),
  goodRpc.map((text) => `"jsonrpc":${text}`),
  fc.tuple(fc.string(), fc.json()).map(([name, json]) => `${JSON.stringify(name)}:${json}`),
)
const goodCommand = fc
  .tuple(fc.string({minLength: 1}), goodRpc)
  .map(
    ([name, rpc]) =>
      `{"request_id":${JSON.stringify(name)},"shard_token":"s","command_type":"jsonrpc","jsonrpc":${rpc}}`,
  )
const element = fc.oneof(
  goodCommand,
  fc.array(commandMember, {maxLength: 6}).map((members) => `{${members.join(',')}}`),
  fc.json(),
)
const pollText = fc
  .tuple(space, fc.array(element, {maxLength: 6}), space)
  .map(([before, elements, after]) => `${before}{"commands":${after}[${elements.join(`${after},`)}]${after}}`)

test(
  'a poll body is read to the end whatever it is, and every element of a JSON text is accounted for',
  () => {
    fuzz(
      nearly(pollText, ALPHABET),
      (bytes) => {
        const slices: PollBody[] = [decodePollBody(bytes, 0)]
        for (let {rest} = slices[0]!; rest !== null; rest = slices.at(-1)!.rest) slices.push(rest.next())
        const commands = slices.flatMap((slice) => slice.commands)
        for (const command of commands) {
          if (command.type !== 'jsonrpc') continue
          // What is run is what was sent: the payload is a message of its own, wherever the body is broken.
          expect(readRpcMessage(command.message.raw)).toMatchObject({
            id: command.message.id,
            method: command.message.method,
          })
        }
        const whole = parse(bytes) as Json
        if (whole === undefined || typeof whole !== 'object' || whole === null || Array.isArray(whole)) return
        if (!Array.isArray(whole.commands) || Object.keys(whole).length > 1) return
        const counted = slices.reduce(
          (sum, slice) => sum + slice.commands.length + slice.rejected.length + slice.dropped,
          0,
        )
        // A member that is given twice is read twice, where JSON.parse keeps the last.
        if (bytes.toString('latin1').split('commands').length > 2) return
        expect(counted).toBe(whole.commands.length)
        expect(slices.at(-1)!.truncated).toBe(false)
      },
      {runs: 5000},
    )
  },
  FUZZ_TIMEOUT_MS,
)
