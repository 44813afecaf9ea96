import {expect, test} from 'vitest'
import {readTarget} from '../../../../src/toolkit/runtimes/profile/target.ts'

test('an address wins over a command', () => {
  expect(readTarget({serverUrl: ' http://h/mcp ', command: 'x'})).toEqual({kind: 'server_url', value: 'http://h/mcp'})
  expect(readTarget({command: "node 'my server.js' --port 1"})).toMatchObject({kind: 'command'})
})

test.each(['ftp://h', 'nowhere', 'http://', 'file:///x'])('%s is no address', (serverUrl) => {
  expect(() => readTarget({serverUrl})).toThrow('http or https URL')
})

test('nothing at all, and a broken command line', () => {
  expect(() => readTarget({})).toThrow('connect requires --mcp-server-url or --mcp-command')
  expect(() => readTarget({command: 'node "x'})).toThrow('unterminated quoted string')
})

const SECRETS = [
  'server sk-abcdefghijkl0123',
  'server --header "Authorization: x"',
  'server Bearer abcdefghijklmnop',
  'server API_KEY=abc',
  'server access-token=abc',
  'server --password hunter2',
  'server --client-secret hunter2',
  'server --token value',
  'OPENAI_API_KEY=x server',
  'server control_plane_api_key=x',
]

test.each(SECRETS)('%s holds a secret', (command) => {
  expect(() => readTarget({command})).toThrow(
    'mcp command appears to contain inline secret material; use env or file references instead',
  )
})

test('so does a URL with a password', () => {
  expect(() => readTarget({serverUrl: 'http://me:pass@h/mcp'})).toThrow('mcp server_url appears to contain')
})

const HARMLESS = [
  'task-runner-server --x',
  'server --token env:TOKEN',
  'server --api-key=env:KEY',
  'server --password $PASSWORD',
  'server --secret file:/run/secret',
  'server --token --verbose',
]

test.each(HARMLESS)('%s holds none', (command) => {
  expect(readTarget({command}).value).toBe(command)
})
