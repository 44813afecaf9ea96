// Keys that open some tunnels and not others: for daemons, administrators and callers.

import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {request} from 'undici'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Secret} from '../../../src/foundation/platform/index.ts'
import type {AccessKey, TunnelService, TunnelServiceOptions} from '../../../src/service/tunnel-service/index.ts'
import {BOTH} from './support/caller.ts'
import {startService} from './support/with-service.ts'

const A = `tunnel_${'a'.repeat(32)}`
const B = `tunnel_${'b'.repeat(32)}`
const FIELDS = {name: 'n', description: 'd', organization_ids: ['o']}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bound-keys-'))
})
afterEach(() => rm(folder, {recursive: true}))

async function ask(service: TunnelService, method: string, path: string, key: string, body?: unknown) {
  const reply = await request(`${service.controlPlaneBaseUrl}/v1/tunnels${path}`, {
    method: method as 'GET',
    headers: {authorization: `Bearer ${key}`, 'content-type': 'application/json'},
    ...(body === undefined ? {} : {body: JSON.stringify(body)}),
  })
  const text = await reply.body.text()
  return {status: reply.statusCode, json: text === '' ? null : JSON.parse(text)}
}

/** Status of a response that nobody asked for: 400 for everyone who is let in. */
async function callStatus(service: TunnelService, tunnelId: string, token?: string): Promise<number> {
  const reply = await request(new URL(`/v1/mcp/${tunnelId}`, service.mcpUrl), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: BOTH,
      ...(token === undefined ? {} : {'x-tunnel-ingress-token': token}),
    },
    body: '{"jsonrpc":"2.0","id":1,"result":{}}',
  })
  await reply.body.dump()
  return reply.statusCode
}

const key = (name: string, scopes: AccessKey['scopes'], tunnels?: readonly string[]): AccessKey => ({
  name,
  value: new Secret(`sk-${name}`),
  scopes,
  ...(tunnels === undefined ? {} : {tunnels}),
})

const stateWith = async (options: TunnelServiceOptions): Promise<TunnelService> => {
  const stateFile = join(folder, 'state.json')
  const record = (id: string) => ({
    ...{id, name: 'n', description: 'd', creator: 'local'},
    ...{tenant_ids: [], workspace_ids: [], organization_ids: ['o']},
  })
  const keys = [{name: 'runtime', value: 'sk-old', scopes: ['read', 'use']}]
  const admin = {name: 'admin', value: 'sk-admin', scopes: ['read', 'manage']}
  const state = {schema_version: 1, tunnel_id: A, tunnels: [record(A), record(B)], keys: [...keys, admin]}
  await writeFile(stateFile, JSON.stringify(state), {mode: 0o600})
  return startService({stateFile, ...options})
}

describe('a key that is bound to a tunnel', () => {
  const keys = [
    key('all', ['read', 'use']),
    key('a', ['read', 'use', 'manage'], [A]),
    key('b', ['read', 'use'], [B]),
    key('admin', ['read', 'manage']),
    key('calls-a', ['call'], [A]),
  ]

  it.each([
    ['GET', '', 200],
    ['GET', '/poll?timeout_ms=1', 204],
    ['POST', '/response', 400],
  ])('%s %s answers its tunnel, and 403 for every other', async (method, path, status) => {
    const service = await stateWith({keys})
    const body = method === 'POST' ? {} : undefined
    expect((await ask(service, method, `/${A}${path}`, 'sk-a', body)).status).toBe(status)
    expect((await ask(service, method, `/${B}${path}`, 'sk-b', body)).status).toBe(status)
    for (const [name, id] of [
      ['a', B],
      ['b', A],
    ]) {
      const refused = await ask(service, method, `/${id}${path}`, `sk-${name}`, body)
      expect([refused.status, refused.json.error.code]).toEqual([403, 'tunnel_use_forbidden'])
    }
    for (const id of [A, B]) expect((await ask(service, method, `/${id}${path}`, 'sk-all', body)).status).toBe(status)
  })

  it('manages its tunnel only, and does not list or create', async () => {
    const service = await stateWith({keys})
    expect((await ask(service, 'POST', `/${A}`, 'sk-a', {name: 'x'})).status).toBe(200)
    for (const [method, path, body] of [
      ['POST', `/${B}`, {name: 'x'}],
      ['DELETE', `/${B}`, undefined],
      ['GET', '?organization_id=o', undefined],
      ['POST', '', FIELDS],
    ] as const) {
      const refused = await ask(service, method, path, 'sk-a', body)
      expect([refused.status, refused.json.error.code]).toEqual([403, 'tunnel_management_permission_required'])
    }
  })

  it('with the scope call is asked from callers of its tunnel, and from no others', async () => {
    const service = await stateWith({keys})
    expect(await callStatus(service, A)).toBe(401)
    expect(await callStatus(service, A, 'sk-b')).toBe(401)
    expect(await callStatus(service, A, 'sk-all')).toBe(401)
    expect(await callStatus(service, A, 'sk-calls-a')).toBe(400)
    expect(await callStatus(service, B)).toBe(400)
  })

  it('is shown by name with its tunnel', async () => {
    const service = await stateWith({keys})
    expect((await ask(service, 'GET', `/${A}`, 'sk-admin')).json.keys).toEqual(['all', 'a', 'calls-a'])
    expect((await ask(service, 'GET', '?organization_id=o', 'sk-admin')).json.tunnels[1].keys).toEqual(['all', 'b'])
  })
})

describe('a tunnel', () => {
  const admin = (service: TunnelService): string => service.adminKey.reveal()

  it('that is created is opened by the runtime key of the service, until it gets keys of its own', async () => {
    const service = await startService()
    const shared = service.runtimeKey.reveal()
    const {json: tunnel} = await ask(service, 'POST', '', admin(service), FIELDS)
    expect(tunnel).toMatchObject({keys: ['runtime']})
    expect((await ask(service, 'GET', `/${tunnel.id}`, shared)).status).toBe(200)

    const {json: own} = await ask(service, 'POST', `/${tunnel.id}`, admin(service), {own_keys: true})
    expect(own.keys).toEqual([`runtime ${tunnel.id}`, `ingress ${tunnel.id}`])
    expect((await ask(service, 'GET', `/${tunnel.id}`, shared)).status).toBe(403)
    expect((await ask(service, 'GET', `/${tunnel.id}`, own.runtime_key)).json).not.toHaveProperty('runtime_key')
    expect((await ask(service, 'GET', `/${service.tunnelId}`, own.runtime_key)).status).toBe(403)
    expect(await callStatus(service, tunnel.id)).toBe(401)
    expect(await callStatus(service, tunnel.id, own.runtime_key)).toBe(401)
    expect(await callStatus(service, tunnel.id, own.ingress_token)).toBe(400)
    expect(await callStatus(service, service.tunnelId)).toBe(400)

    const {json: again} = await ask(service, 'POST', `/${tunnel.id}`, admin(service), {own_keys: true})
    expect((await ask(service, 'GET', `/${tunnel.id}`, own.runtime_key)).status).toBe(401)
    expect((await ask(service, 'GET', `/${tunnel.id}`, again.runtime_key)).status).toBe(200)
    await ask(service, 'DELETE', `/${tunnel.id}`, admin(service))
    expect((await ask(service, 'GET', `/${tunnel.id}`, again.runtime_key)).status).toBe(401)
  })

  it('is called with the token of the service, too, where there is one', async () => {
    const service = await startService({ingressToken: new Secret('tok')})
    const {json: own} = await ask(service, 'POST', '', admin(service), {...FIELDS, own_keys: true})
    expect(await callStatus(service, own.id, 'tok')).toBe(400)
    expect(await callStatus(service, own.id, own.ingress_token)).toBe(400)
    expect(await callStatus(service, service.tunnelId, own.ingress_token)).toBe(401)
  })

  it('keeps its keys over a restart', async () => {
    const stateFile = join(folder, 'own.json')
    const first = await startService({stateFile})
    const {json: own} = await ask(first, 'POST', '', admin(first), {...FIELDS, own_keys: true})
    const {json: shared} = await ask(first, 'POST', '', admin(first), FIELDS)
    await first.close()
    const second = await startService({stateFile})
    expect((await ask(second, 'GET', `/${own.id}`, own.runtime_key)).status).toBe(200)
    expect((await ask(second, 'GET', `/${own.id}`, second.runtimeKey.reveal())).status).toBe(403)
    expect((await ask(second, 'GET', `/${shared.id}`, second.runtimeKey.reveal())).status).toBe(200)
    expect(await callStatus(second, own.id, own.ingress_token)).toBe(400)
  })
})

it('a state file of version 1 binds its runtime key to the tunnels that it opened, and is written as version 2', async () => {
  const service = await stateWith({})
  for (const id of [A, B]) expect((await ask(service, 'GET', `/${id}`, 'sk-old')).json.keys).toEqual(['runtime'])
  const state = JSON.parse(await readFile(join(folder, 'state.json'), 'utf8'))
  expect(state).toMatchObject({
    schema_version: 2,
    keys: [
      {name: 'runtime', tunnels: [A, B]},
      {name: 'admin', tunnels: null},
    ],
  })
})
