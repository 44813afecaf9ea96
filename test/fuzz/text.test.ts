// Fuzz targets of the other readers: event streams, errors of the service, YAML, command lines, header variables.

import fc from 'fast-check'
import {expect, test} from 'vitest'
import {isTunnelError} from '../../src/foundation/errors/index.ts'
import {splitArgv} from '../../src/foundation/platform/index.ts'
import {SseReader} from '../../src/tunnel/channels/http/sse.ts'
import {isCompleteJson} from '../../src/tunnel/channels/messages.ts'
import {describeApiError, parseApiError} from '../../src/tunnel/control-plane/index.ts'
import {load} from '../foundation/config/loading.ts'
import {FUZZ_TIMEOUT_MS, fuzz, fuzzAsync, nearly} from '../support/fuzz.ts'

const line = fc.oneof(
  fc.constantFrom(
    'data: {"a":1}',
    'data',
    'data:',
    'event: x',
    'id: 1',
    'id',
    'retry: 5',
    ': hi',
    '',
    '',
    'data:  2',
    'x: y',
  ),
  fc.string().map((text) => `data: ${text}`),
)
const stream = fc
  .tuple(fc.constantFrom('', '\ufeff'), fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), {maxLength: 12}))
  .map(([mark, lines]) => mark + lines.flat().join(''))

test(
  'an event stream gives the same events however it is cut',
  () => {
    const read = (bytes: Buffer, cuts: readonly number[]) => {
      const events: string[] = []
      const reader = new SseReader(({type, data}) => events.push(`${type}|${data.toString('latin1')}`))
      let at = 0
      for (const cut of cuts.map((n) => n % (bytes.length + 1)).toSorted((a, b) => a - b)) {
        reader.push(bytes.subarray(at, cut))
        at = cut
      }
      reader.push(bytes.subarray(at))
      reader.end(isCompleteJson)
      return {events, id: reader.lastEventId, retry: reader.retry}
    }
    const pieces = ['\n', '\r', '\r\n', '\n\n', 'data: ', ':', '\ufeff', 'id: \0', 'retry: x', '\0']
    fuzz(
      fc.record({bytes: nearly(stream, pieces), cuts: fc.array(fc.nat(), {maxLength: 12})}),
      ({bytes, cuts}) => {
        const whole = read(bytes, [])
        expect(read(bytes, cuts)).toEqual(whole)
        expect(read(bytes, [...bytes.keys()])).toEqual(whole)
      },
      {runs: 2000, corpus: [{bytes: Buffer.from('\ufeffdata: 1\r\n\r\ndata: 2\r\r'), cuts: [1, 2, 11, 12]}]},
    )
  },
  FUZZ_TIMEOUT_MS,
)

const apiError = fc
  .tuple(
    fc.constantFrom(
      '{"error":{"code":"a","message":"b","type":"c"}}',
      '{"detail":[{"loc":["x"]}]}',
      '{"message":"m"}',
      'text',
    ),
    fc.json(),
  )
  .map(([text, json]) => text.replace('"b"', json))

test(
  'an error of the service is described in less than 8 KiB, whatever it is',
  () => {
    const pieces = ['"', '{', '}', '\\ud800', '\0', 'null', '__proto__', 'é'.repeat(600), '['.repeat(50)]
    fuzz(
      nearly(apiError, pieces),
      (bytes) => {
        const error = parseApiError(bytes)
        for (const text of [error.code, error.type, error.message])
          expect(text === null || typeof text === 'string').toBe(true)
        expect(describeApiError(error).length).toBeLessThan(8192)
      },
      {
        runs: 3000,
        corpus: [
          Buffer.from('['.repeat(100_000)),
          Buffer.from(JSON.stringify({error: {code: 'c'.repeat(60_000), message: 'm'.repeat(60_000)}})),
          Buffer.from(`{"detail":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
        ],
      },
    )
  },
  FUZZ_TIMEOUT_MS,
)

test(
  'words that are quoted come back, and no command line breaks the splitting',
  () => {
    const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`
    fuzz(fc.array(fc.string({minLength: 1, unit: 'binary'}), {minLength: 1, maxLength: 5}), (words) => {
      expect(splitArgv(words.map(quoted).join(' '))).toEqual({ok: true, argv: words})
    })
    fuzz(nearly(fc.constantFrom(`node "a b" 'c d' e\\ f`, 'npx -y x'), ['"', "'", '\\', ' ', '\n', '\0']), (bytes) => {
      const split = splitArgv(bytes.toString('utf8'))
      if (split.ok) for (const word of split.argv) expect(word).not.toBe('')
    })
  },
  FUZZ_TIMEOUT_MS,
)

/** Loads; a refusal must be one of ours. */
async function loads(given: Parameters<typeof load>[0]): Promise<Awaited<ReturnType<typeof load>> | null> {
  try {
    return await load(given)
  } catch (thrown) {
    expect(isTunnelError(thrown), String((thrown as Error).stack)).toBe(true)
    return null
  }
}

test(
  'a YAML file is a configuration, or refused with problems',
  async () => {
    const text = fc.constantFrom(
      'config_version: 1\ncontrol_plane: {tunnel_id: x}\n',
      'mcp:\n  server_urls:\n    - url: http://127.0.0.1:9/mcp\n      channel: main\n',
      'log: &a {level: info}\nhealth: *a\n',
      'mcp: {commands: [{channel: a, command: "node x"}]}\n',
    )
    const pieces = [
      ': ',
      '- ',
      '\n',
      '  ',
      '&a ',
      '*a',
      '!!binary ',
      '!x ',
      '? ',
      '|\n',
      '>\n',
      '{',
      '}',
      '[',
      ']',
      '"',
      '<<: ',
      '---\n',
      '%YAML 9\n',
      '\t',
      '\0',
      '\ufeff',
    ]
    await fuzzAsync(
      nearly(text, pieces),
      async (bytes) => {
        await loads({yaml: bytes as never})
      },
      {
        runs: 300,
        corpus: [
          'a: &a [*a]',
          'x: '.repeat(500),
          `${'- '.repeat(2000)}`,
          '{'.repeat(3000),
          '*x',
          '!!js/function x: y',
        ].map((yaml) => Buffer.from(yaml)),
      },
    )
  },
  FUZZ_TIMEOUT_MS,
)

test(
  'a header variable gives headers that can be sent, or problems that do not show its values',
  async () => {
    const text = fc.constantFrom(
      'X-A: 1, X-B: 2',
      '{"X-A":"1"}',
      'X-A: 1\nX-B: s3cr3tvalue',
      'X-A=1;X-B=2',
      'Authorization: Bearer s3cr3tvalue',
    )
    await fuzzAsync(
      nearly(text, [',', ';', ':', '=', '\n', '\r\n', '"', '{', '}', '\\', 'é', '\0', 'env:', 'file:']),
      async (bytes) => {
        const config = await loads({env: {MCP_EXTRA_HEADERS: bytes.toString('utf8').replaceAll('\0', '')}})
        for (const {name} of config?.mcp.extraHeaders ?? []) expect(name).toMatch(/^[\w!#$%&'*+\-.^`|~]+$/)
      },
      {runs: 300},
    )
  },
  FUZZ_TIMEOUT_MS,
)
