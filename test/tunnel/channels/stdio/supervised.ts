// Opens a supervised child for one test, with waits as short as the test likes.

import {fileURLToPath} from 'node:url'
import {onTestFinished} from 'vitest'
import {systemClock} from '../../../../src/foundation/platform/index.ts'
import type {Channel, ChannelEvent} from '../../../../src/tunnel/channels/index.ts'
import {DEFAULT_TIMING, type StdioTiming} from '../../../../src/tunnel/channels/stdio/timing.ts'
import {createStdioChannel} from '../../../../src/tunnel/channels/transports/stdio.ts'
import {call, type Logged, rememberingLog, stdioBinding} from '../../../support/open-channel.ts'

const SERVER = fileURLToPath(new URL('../../../support/servers/stdio-server.mjs', import.meta.url))
/** A started channel and what it told. */
export interface Supervised {
  readonly channel: Channel
  readonly records: Logged[]
  readonly events: ChannelEvent[]
}

/** Starts a channel over support/servers/stdio-server.mjs, run by `node`; it is stopped when the test ends. */
export async function open(
  flags: string[] = [],
  timing: Partial<StdioTiming> = {},
  node = process.execPath,
): Promise<Supervised> {
  const {log, records} = rememberingLog()
  const channel = createStdioChannel(
    stdioBinding([node, SERVER, ...flags]),
    {
      door: null as never,
      log,
      clock: systemClock,
      identity: {name: 'tunnel-client-ts', version: '0'},
      extraHeaders: [],
      discoveryExtraHeaders: [],
      extraCa: [],
      startupWaitTimeout: 0,
      connectionMaxTtl: 600_000,
      secretVariables: [],
      env: process.env,
      stderr: {write: () => true},
      originOf: () => undefined,
      announce: Promise.resolve(),
      advise: () => ({}),
    },
    {...DEFAULT_TIMING, ...timing},
  )
  onTestFinished(() => channel.stop())
  const events: ChannelEvent[] = []
  channel.watch((event) => events.push(event))
  await channel.start()
  return {channel, records, events}
}

/** A request as text. */
export const request = (id: string | number, method: string, params: object = {}): string =>
  JSON.stringify({jsonrpc: '2.0', id, method, params})
/** A row of the channel's details. */
export const detail = ({channel}: Supervised, key: string): string | undefined =>
  channel.status().details.find((row) => row.key === key)?.value
/** What the present server has read. */
export const linesSeen = async ({
  channel,
}: Pick<Supervised, 'channel'>): Promise<{id?: number; method: string; params: object}[]> => {
  const {lines} = JSON.parse((await call(channel, request(1, 'seen'))).response!).result as {lines: string[]}
  return lines.map((line) => JSON.parse(Buffer.from(line, 'base64').toString()))
}
/** The ids under which the present server knows the requests of one method, in order. */
export const idsSeen = async (opened: Pick<Supervised, 'channel'>, method: string): Promise<(number | undefined)[]> =>
  (await linesSeen(opened)).filter((line) => line.method === method).map(({id}) => id)
