// Runs the load side as a process of its own, and hears when its measured window begins and ends.

import {type ChildProcess, spawn} from 'node:child_process'
import {createInterface} from 'node:readline'
import {baseEnv, program} from './processes.ts'

/** What load.mjs can be told. Times in milliseconds unless they say seconds. */
export interface LoadOptions {
  readonly url: string
  readonly callers: number
  /** Bytes of text in both directions. */
  readonly size?: number
  readonly kind?: 'ascii' | 'other'
  /** How long the tool takes. */
  readonly delay?: number
  /** Progress notifications per call. */
  readonly progress?: number
  readonly seconds?: number
  readonly warmup?: number
  /** A number of calls instead of seconds. */
  readonly calls?: number
  /** With `calls`: tell after so many. */
  readonly every?: number
  /** One call of every caller; their answers are given back. */
  readonly once?: boolean
  readonly timeoutMs?: number
  /** Another method than the one that the above asks for, and the protocol version to claim. */
  readonly method?: string
  readonly protocol?: string
}

/** What the load side saw in its window. Times in milliseconds. */
export interface LoadResult {
  /** Right answers. */
  readonly calls: number
  readonly perSecond: number
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly worst: number | null
  /** Calls that got no right answer; `lost` of them got none at all. */
  readonly errors: number
  readonly lost: number
  /** Wrong answers by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>
  readonly firstErrors: readonly string[]
  readonly notifications: number
  readonly perSecondNotifications: number
  readonly missing: number
  readonly misplaced: number
  readonly answers: readonly LoadAnswer[]
  readonly loadCpuSeconds: number
}

/** One answer of a `once` load. */
export interface LoadAnswer {
  /** 0: none. */
  readonly status: number
  readonly right: boolean
  readonly ms: number
  readonly error: string | null
  /** The beginning. */
  readonly text: string
}

/** A sign of life of the load side. */
export interface LoadMark {
  readonly mark: 'start' | 'end' | 'sent' | 'progress'
  readonly finished?: number
  readonly errors?: number
}

/** Runs a load to its end. Rejects when it printed no result. */
export async function runLoad(options: LoadOptions, onMark: (mark: LoadMark) => void = () => {}): Promise<LoadResult> {
  return await startLoad(options, onMark).result
}

/** Starts a load that can be given up. */
export function startLoad(
  options: LoadOptions,
  onMark: (mark: LoadMark) => void = () => {},
): {result: Promise<LoadResult>; stop(): void} {
  const argv = [program('load.mjs'), JSON.stringify(options)]
  const child = spawn(process.execPath, argv, {env: baseEnv(), stdio: ['ignore', 'pipe', 'inherit']})
  const forget = (): void => void child.kill('SIGKILL')
  process.once('exit', forget)
  child.once('close', () => process.off('exit', forget))
  return {result: read(child, onMark), stop: () => child.kill('SIGKILL')}
}

async function read(child: ChildProcess, onMark: (mark: LoadMark) => void): Promise<LoadResult> {
  let result: LoadResult | null = null
  for await (const line of createInterface({input: child.stdout!})) {
    const document = JSON.parse(line) as LoadMark & LoadResult
    if (document.mark) onMark(document)
    else result = document
  }
  if (!result) throw new Error('the load side printed no result')
  return result
}
