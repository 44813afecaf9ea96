// Python virtual environments below test/parts: clients and stdio servers of the Python SDKs, which npm and Debian lack.

import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import type {Part} from './parts.ts'

/** A virtual environment with a stdio server of its SDK. */
export interface PythonPart extends Part {
  /** Path of a file next to the environment. */
  file(name: string): string
  readonly python: string
}

const pythonPart = (folder: string, name: string): PythonPart => {
  const home = fileURLToPath(new URL(`../parts/${folder}/`, import.meta.url))
  const python = `${home}venv/bin/python`
  const path = `test/parts/${folder}`
  return {
    name,
    python,
    file: (file) => `${home}${file}`,
    get: `Run python3 -m venv ${path}/venv && ${path}/venv/bin/pip install -r ${path}/requirements.txt`,
    missing: () => (existsSync(python) ? false : 'not installed'),
  }
}

/** The official Python SDK 2, both protocol eras: client and server. */
export const PYTHON_SDK: PythonPart = pythonPart('python', 'the Python MCP SDK')
/** The official Python SDK 1: server. */
export const PYTHON_SDK_1: PythonPart = pythonPart('python-v1', 'the Python MCP SDK 1')
/** FastMCP 4: server. */
export const FASTMCP: PythonPart = pythonPart('fastmcp', 'FastMCP')

/** The part's `server.py` as a stdio command. */
export const stdioServerOf = (part: PythonPart): {readonly stdio: readonly string[]} => ({
  stdio: [part.python, part.file('server.py')],
})
