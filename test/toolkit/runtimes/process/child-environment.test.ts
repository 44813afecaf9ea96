import {expect, test} from 'vitest'
import {runtimeEnvironment} from '../../../../src/toolkit/runtimes/process/child-environment.ts'

const env = {
  PATH: '/bin',
  HTTPS_PROXY: 'http://proxy',
  CA_BUNDLE: '/ca.pem',
  CONTROL_PLANE_ORGANIZATION_ID: 'org',
  CONTROL_PLANE_API_KEY: 'a',
  OPENAI_API_KEY: 'b',
  OPENAI_ADMIN_KEY: 'c',
  CONTROL_PLANE_TUNNEL_ID: 'd',
  MCP_COMMAND: 'e',
  PID_FILE: 'f',
  TUNNEL_CLIENT_PROFILE: 'g',
}
const rest = ['PATH', 'HTTPS_PROXY', 'CA_BUNDLE', 'CONTROL_PLANE_ORGANIZATION_ID']

test.each([
  ['env:CONTROL_PLANE_API_KEY', ['CONTROL_PLANE_API_KEY']],
  ['env:OPENAI_API_KEY', ['OPENAI_API_KEY']],
  ['file:/run/key', []],
])('with the key %s', (reference, keys) => {
  expect(Object.keys(runtimeEnvironment(env, reference)).toSorted()).toEqual([...rest, ...keys].toSorted())
})
