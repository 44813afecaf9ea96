// What a server that is the daemon's child can do to it, and to the other callers.

import {writeFileSync} from 'node:fs'
import {rm} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {type Fault, isHit} from '../fault.ts'
import type {World} from '../world.ts'

const STDIO = ['stdio'] as const
const SERVER = fileURLToPath(new URL('../servers/counting-server.mjs', import.meta.url))
const withFlags =
  (...flags: readonly string[]) =>
  (journal: string): readonly string[] => [process.execPath, SERVER, 'stdio', journal, ...flags]

const hits = (world: World): void => world.affect(...world.keys.filter(isHit))
const everybody = (world: World): void => world.affect(...world.keys)
const meant =
  (fault: string) =>
  (hit: boolean): Record<string, unknown> =>
    hit ? {fault} : {}

/** The calls that are meant come out right all the same, and nobody else notices. */
const harmless = (name: string, fault: string): Fault => ({
  name,
  transports: STDIO,
  args: meant(fault),
  inject: hits,
  expect: {affected: ['right']},
})

/** As harmless, but there is much to read, and everybody else stands behind it in the same pipe. */
const heavy = (name: string, fault: string): Fault => ({
  ...harmless(name, fault),
  expect: {affected: ['right'], within: 25_000, calm: 25_000},
})

/** The process goes, and with it what it had been asked. Whatever it had not been asked yet waits for the next one. */
const deadly = (name: string, fault: string, more: Partial<Fault> = {}): Fault => ({
  name,
  transports: STDIO,
  args: meant(fault),
  inject: everybody,
  expect: {affected: ['right', 'child_exited'], seen: ['right', 'child_exited']},
  ...more,
})

/** Faults of stdio servers. */
export const CHILD: readonly Fault[] = [
  deadly('child-crash-mid-call', 'crash'),
  deadly('child-crash-by-signal', 'crash-by-signal'),
  deadly('child-closes-stdout', 'closes-stdout'),
  deadly('child-closes-stdout-ignores-sigterm', 'closes-stdout-and-stays', {rounds: 2}),
  deadly('child-closes-stdin', 'closes-stdin', {rounds: 2}),
  deadly('child-leaves-grandchild', 'leaves-a-grandchild'),
  heavy('child-floods-stdout', 'flood'),
  heavy('child-floods-tiny-lines', 'flood-of-tiny-lines'),
  heavy('child-100mb-line', 'huge-line'),
  heavy('child-20mb-answer', 'huge-answer'),
  harmless('child-id-type-changed', 'id-as-string'),
  harmless('child-answers-twice', 'twice'),
  harmless('child-answers-nobody', 'answer-to-nobody'),
  harmless('child-answers-in-batch', 'in-a-batch'),
  harmless('child-crlf-and-blanks', 'crlf-and-blanks'),
  harmless('child-one-byte-at-a-time', 'one-byte-at-a-time'),
  harmless('child-asks-its-client', 'asks-its-client'),
  harmless('child-floods-stderr', 'floods-stderr'),
  heavy('child-holds-its-loop', 'holds-the-loop'),
  {
    // About whom the error is cannot be known while several are served; the server's own late word settles it.
    ...harmless('child-null-id-error', 'null-id-error'),
    expect: {affected: ['rpc_error'], seen: ['rpc_error']},
  },
  {
    ...harmless('child-broken-answer', 'broken-answer'),
    expect: {affected: ['mcp_not_json'], seen: ['mcp_not_json']},
  },
  {
    ...harmless('child-answer-without-result', 'answer-without-result'),
    expect: {affected: ['mcp_not_json'], seen: ['mcp_not_json']},
  },
  {
    name: 'child-never-reads',
    transports: STDIO,
    rounds: 2,
    args: meant('never-reads'),
    inject: async (world) => {
      everybody(world)
      await sleep(8000)
      process.kill(world.serverPid(), 'SIGKILL')
    },
    expect: {affected: ['right', 'tunnel_response_timeout', 'child_exited', 'child_silent'], within: 25_000},
  },
  {
    name: 'child-killed',
    transports: STDIO,
    rounds: 8,
    inject: (world) =>
      world.affectWhile(async () => {
        for (const calls of [32, 96, 160]) {
          await world.ended(calls)
          process.kill(world.serverPid(), 'SIGKILL')
          await world.recovered(30_000)
        }
      }),
    expect: {affected: ['right', 'child_exited']},
  },
  {
    name: 'child-banner',
    transports: STDIO,
    tunnel: 'own',
    server: withFlags('--banner'),
    // What is no JSON-RPC speaks against the program until it answers.
    readyAfterCall: true,
    inject: hits,
    expect: {affected: ['right']},
  },
  {
    // Who calls while the next one starts waits for it.
    name: 'child-slow-start',
    transports: STDIO,
    tunnel: 'own',
    server: withFlags('--slow-start', '1500'),
    rounds: 6,
    inject: (world) =>
      world.affectWhile(async () => {
        await world.ended(32)
        process.kill(world.serverPid(), 'SIGKILL')
        await world.recovered(30_000)
      }),
    expect: {affected: ['right', 'child_exited']},
  },
  {
    name: 'child-exits-0-after-each-answer',
    transports: STDIO,
    tunnel: 'own',
    server: withFlags('--exit-after-each'),
    rounds: 2,
    inject: everybody,
    expect: {affected: ['right', 'child_exited'], within: 30_000},
  },
  {
    name: 'child-crash-loop',
    transports: STDIO,
    tunnel: 'own',
    server: (journal) => withFlags('--exit-if', `${journal}.loop`)(journal),
    rounds: 12,
    inject: (world) =>
      world.affectWhile(async () => {
        await world.ended(32)
        const flag = world.path('journal.loop')
        writeFileSync(flag, '')
        process.kill(world.serverPid(), 'SIGKILL')
        const {status} = await world.daemon.process.exited
        if (status !== 1) throw new Error(`the daemon ended with ${status}`)
        await rm(flag)
        await world.startDaemon()
      }),
    expect: {
      affected: ['right', 'child_exited', 'tunnel_client_not_connected', 'tunnel_response_timeout', 'draining'],
      seen: ['child_exited'],
    },
  },
]
