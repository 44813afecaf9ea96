// The official Python SDK as a client, in a process of its own.

import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {watchProgram} from '../support/cli.ts'
import type {Part} from '../support/parts.ts'

const HOME = fileURLToPath(new URL('../parts/python/', import.meta.url))
const PYTHON = `${HOME}venv/bin/python`

/** The SDK in a virtual environment, because it is no package of npm or Debian. */
export const PYTHON_SDK: Part = {
  name: 'the Python MCP SDK',
  get: 'Run python3 -m venv test/parts/python/venv && test/parts/python/venv/bin/pip install -r test/parts/python/requirements.txt',
  missing: () => (existsSync(PYTHON) ? false : 'not installed'),
}

/** What the client is to do. */
export interface PythonCalls {
  readonly url: string
  /** `auto`: discover, then fall back to the handshake; `legacy`: the handshake; or a version to begin with. */
  readonly mode: string
  /** A tool that reports progress, and its arguments. */
  readonly progress: readonly [tool: string, args: object]
  /** Tools to call before it. */
  readonly calls: readonly (readonly [tool: string, args: object])[]
}

/** What the client met. */
export interface PythonReport {
  readonly tools: readonly string[]
  /** Texts of the answers. */
  readonly answers: readonly string[]
  readonly progress: readonly number[]
  readonly last: string
  /** How a tool that does not exist was refused. */
  readonly refused: string
  /** Answers to eight requests at the same time. */
  readonly many: number
  readonly version: string
  /** Warnings of the SDK's log, and what it could not attribute. */
  readonly background: readonly string[]
}

/** Runs the client to its end: connect, list, call, progress, an error, many at once, end of the session. */
export async function pythonClient({url, mode, progress, calls}: PythonCalls): Promise<PythonReport> {
  const [tool, args] = progress
  const argv = [`${HOME}client.py`, url, mode, tool, JSON.stringify(args), JSON.stringify(calls)]
  const running = watchProgram([PYTHON, ...argv])
  const {status} = await running.exited
  if (status !== 0) throw new Error(`the Python client ended with ${status}: ${running.stderr()}`)
  return JSON.parse(running.stdout()) as PythonReport
}
