import {request} from 'undici'
import {describe, expect, it} from 'vitest'
import {call, toolCall} from './support/caller.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

async function admin() {
  const service = await startService()
  const ask = async (method: string, path: string, body?: unknown) => {
    const reply = await request(`${service.controlPlaneBaseUrl}/v1/tunnels${path}`, {
      method: method as 'GET',
      headers: {authorization: `Bearer ${service.adminKey.reveal()}`, 'content-type': 'application/json'},
      ...(body === undefined ? {} : {body: typeof body === 'string' ? body : JSON.stringify(body)}),
    })
    return {
      status: reply.statusCode,
      headers: reply.headers,
      json: (await reply.body.json()) as {id: string; error: {code: string}},
    }
  }
  return {service, ask}
}

describe('tunnels', () => {
  it('are created, found by each principal, changed and deleted', async () => {
    const {ask} = await admin()
    const created = await ask('POST', '', {
      name: ' CI ',
      description: 'd',
      organization_ids: ['org-1', 'org-2'],
      workspace_ids: ['ws-1'],
    })
    expect(created.status).toBe(200)
    expect(created.headers['x-request-id']).toMatch(/^req_/)
    const {id} = created.json
    expect(id).toMatch(/^tunnel_[0-9a-f]{32}$/)
    expect(created.json).toMatchObject({
      name: 'CI',
      description: 'd',
      tenant_ids: [],
      workspace_ids: ['ws-1'],
      organization_ids: ['org-1', 'org-2'],
    })
    expect((await ask('GET', `/${id}`)).json).toEqual(created.json)
    for (const query of ['organization_id=org-2', 'workspace_id=ws-1']) {
      expect((await ask('GET', `?${query}`)).json).toEqual({tunnels: [created.json]})
    }
    expect((await ask('GET', '?tenant_id=org-1')).json).toEqual({tunnels: []})

    const updated = await ask('POST', `/${id}`, {name: 'Other', workspace_ids: []})
    expect(updated.json).toEqual({...created.json, name: 'Other', workspace_ids: []})
    expect((await ask('DELETE', `/${id}`)).json).toEqual(updated.json)
    const gone = await ask('GET', `/${id}`)
    expect([gone.status, gone.json.error.code]).toEqual([404, 'tunnel_not_found'])
  })

  it.each([
    ['GET', '', undefined, null],
    ['GET', '?organization_id=a&workspace_id=b', undefined, null],
    ['GET', '?organization_id=a&organization_id=b', undefined, null],
    ['GET', '?organization_id=', undefined, null],
    ['POST', '', {description: 'd', organization_ids: ['o']}, 'name'],
    ['POST', '', {name: '  ', description: 'd', organization_ids: ['o']}, 'name'],
    ['POST', '', {name: 'n', organization_ids: ['o']}, 'description'],
    ['POST', '', {name: 'n', description: 'd'}, null],
    ['POST', '', {name: 'n', description: 'd', organization_ids: 'o'}, 'organization_ids'],
    ['POST', '', {name: 'n', description: 'd', organization_ids: ['o'], id: 'x'}, null],
    ['POST', '', '{', null],
    ['POST', '', {name: 'n', description: 'd', workspace_ids: Array(101).fill('w')}, 'workspace_ids'],
  ])('refuses %s %s %j', async (method, path, body, param) => {
    const {ask} = await admin()
    const {status, json} = await ask(method, path, body)
    expect(status).toBe(400)
    expect(json.error).toMatchObject({type: 'invalid_request_error', param})
  })

  it('refuses updates of nothing and of tunnels that are not there', async () => {
    const {service, ask} = await admin()
    expect((await ask('POST', `/${service.tunnelId}`, {})).status).toBe(400)
    expect((await ask('POST', `/tunnel_${'0'.repeat(32)}`, {name: 'x'})).status).toBe(404)
    expect((await ask('DELETE', `/tunnel_${'0'.repeat(32)}`)).status).toBe(404)
  })

  it('carry calls apart from each other', async () => {
    const {service, ask} = await admin()
    const {json} = await ask('POST', '', {name: 'n', description: 'd', organization_ids: ['o']})
    const other = startDaemon({...service, tunnelId: json.id, runtimeKey: service.runtimeKey})
    const mine = startDaemon(service)
    const url = service.mcpUrl.replace(service.tunnelId, json.id)
    const reply = call(url, toolCall(1))
    await until(() => service.snapshot(json.id)!.queued === 1)
    expect((await mine.poll('timeout_ms=20')).status).toBe(204)
    const command = await other.next()
    const foreign = await mine.post(JSON.stringify({request_id: command.request_id, resp_code: 200, resp_json: {}}), {
      'x-tunnel-shard-token': command.shard_token,
    })
    expect([foreign.status, foreign.json.error?.code]).toEqual([401, 'tunnel_request_mismatch'])
    await other.respond(command)
    expect((await reply).status).toBe(200)
  })

  it('that are deleted answer their callers and polls', async () => {
    const {service, ask} = await admin()
    const daemon = startDaemon(service)
    const poll = daemon.poll('channel=none')
    const reply = call(service.mcpUrl, toolCall(1))
    await until(() => service.snapshot()!.queued === 1 && service.snapshot()!.parkedPolls === 1)
    await ask('DELETE', `/${service.tunnelId}`)
    expect((await reply).status).toBe(404)
    expect((await poll).status).toBe(404)
  })
})
