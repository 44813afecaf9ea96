// MCP servers on the official SDKs of other languages, and a reference server, as rows: how each starts over stdio and over
// HTTP, and which part it needs. Their sources stand in test/parts.

import {existsSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Part} from '../support/parts.ts'

const PARTS = fileURLToPath(new URL('../parts/', import.meta.url))
const FILESYSTEM = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-filesystem/package.json')),
  'dist/index.js',
)

/** One server. Its argument vectors start it in the foreground. */
export interface RealServer {
  readonly name: string
  readonly part: Part
  /** Speaks MCP on stdin and stdout. */
  readonly stdio: readonly string[]
  /** Listens on a free port of loopback, at /mcp, and prints `{"port":N}`. */
  readonly http?: readonly string[]
  /** A tool that answers the given arguments with a text that contains `answer`. */
  readonly tool: {readonly name: string; readonly args: Record<string, unknown>; readonly answer: string}
  /** The server's own words for a second `initialize` on one process, which it refuses. */
  readonly refusesSecondClient?: RegExp
}

/** A part that is a file made by a command of the README of test/parts. */
const made = (name: string, path: string, get: string): Part => ({
  name,
  get,
  missing: () => (existsSync(join(PARTS, path)) ? false : 'not installed'),
})

const ECHO = {name: 'echo', args: {message: 'grüß dich 😀'}, answer: 'Echo: grüß dich 😀'}

/** A server on a Python SDK, run by the virtual environment `folder`. */
function python(folder: string, sdk: string, title: string): RealServer {
  const venv = `test/parts/${folder}/venv`
  const program = join(PARTS, folder, 'venv/bin/python')
  const argv = (transport: string): string[] => [program, join(PARTS, 'python/echo_server.py'), sdk, transport]
  return {
    name: title,
    part: made(
      title,
      `${folder}/venv/bin/python`,
      `Run python3 -m venv ${venv} && ${venv}/bin/pip install -r test/parts/${folder}/requirements.txt`,
    ),
    stdio: argv('stdio'),
    http: argv('http'),
    tool: ECHO,
  }
}

const GO = join(PARTS, 'go/echo-go')
const JAVA = ['java', '-cp', `${join(PARTS, 'java/lib')}/*:${join(PARTS, 'java/classes')}`, 'EchoServer']

/** Every server that is tried. */
export const REAL_SERVERS: readonly RealServer[] = [
  python('python', 'mcp-2', 'the Python MCP SDK 2'),
  python('python-v1', 'mcp-1', 'the Python MCP SDK 1'),
  python('fastmcp', 'fastmcp', 'FastMCP'),
  {
    name: 'the Go MCP SDK',
    part: made('the Go MCP SDK', 'go/echo-go', 'Run (cd test/parts/go && go build -o echo-go .)'),
    stdio: [GO],
    http: [GO, 'http'],
    tool: ECHO,
    refusesSecondClient: /duplicate "initialize"/,
  },
  {
    name: 'the Java MCP SDK',
    part: made('the Java MCP SDK', 'java/classes/EchoServer.class', 'Run test/parts/java/build, which needs Maven'),
    stdio: JAVA,
    http: [...JAVA, 'http'],
    tool: ECHO,
  },
  {
    name: 'server-filesystem',
    part: {name: 'server-filesystem', get: 'Run npm ci', missing: () => (existsSync(FILESYSTEM) ? false : 'missing')},
    stdio: [process.execPath, FILESYSTEM, dirname(FILESYSTEM)],
    tool: {name: 'list_allowed_directories', args: {}, answer: 'server-filesystem'},
  },
]
