import {expect, test} from 'vitest'
import {whereabouts} from '../../../../src/toolkit/runtimes/process/realm.ts'
import type {ProcessRecord} from '../../../../src/toolkit/runtimes/state/records.ts'

const HOST = '4026531836'
const here = {name: 'desk', boot_id: 'boot-2', pid_namespace: HOST}
const record = (host?: Partial<typeof here>, mode = 'process'): ProcessRecord => ({
  alias: 'docs',
  tunnel_id: '',
  config_path: '',
  health_url_file: '',
  target_kind: '',
  target_value: '',
  command: '',
  started_at: '',
  mode,
  pid: 100,
  ...(host && {host: {...here, ...host}}),
})

test.each([
  ['a record without a host', record(), here, 'here'],
  ['this host', record({}), here, 'here'],
  ['this host under another name, as networks give it', record({name: 'desk.local'}), here, 'here'],
  ['this host before a restart', record({boot_id: 'boot-1'}), here, 'gone'],
  ['another host', record({name: 'server', boot_id: 'boot-9'}), here, 'elsewhere'],
  ['a container of this host', record({pid_namespace: '4026532000'}), here, 'elsewhere'],
  ['the host of this container', record({}), {...here, pid_namespace: '4026532000'}, 'elsewhere'],
  [
    'a container of this name on another boot',
    record({boot_id: 'boot-1', pid_namespace: '4026532000'}),
    here,
    'elsewhere',
  ],
  ['a system that tells no boot', record({boot_id: '', pid_namespace: ''}), {...here, boot_id: ''}, 'here'],
  ['a runtime that was stopped elsewhere', record({name: 'server', boot_id: 'boot-9'}, 'stopped'), here, 'here'],
] as const)('%s', (_name, recorded, realm, expected) => {
  expect(whereabouts(recorded, realm)).toBe(expected)
})
