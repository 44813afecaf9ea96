import {request} from 'undici'
import {describe, expect, it} from 'vitest'
import {Secret} from '../../../src/foundation/platform/index.ts'
import type {AccessKey} from '../../../src/service/tunnel-service/index.ts'
import {startService} from './support/with-service.ts'

const key = (name: string, scopes: AccessKey['scopes']): AccessKey => ({name, value: new Secret(`sk-${name}`), scopes})

async function ask(base: string, method: string, path: string, token: string | null, body?: string) {
  const reply = await request(`${base}${path}`, {
    method: method as 'GET',
    headers: {...(token === null ? {} : {authorization: token}), 'content-type': 'application/json'},
    ...(body === undefined ? {} : {body}),
  })
  const text = await reply.body.text()
  return {status: reply.statusCode, headers: reply.headers, json: text === '' ? null : JSON.parse(text)}
}

describe('keys', () => {
  const keys = [
    key('runtime', ['read', 'use']),
    key('admin', ['read', 'manage']),
    key('reader', ['read']),
    key('user', ['use']),
  ]
  const T = '/v1/tunnels/tunnel_0123456789abcdef0123456789abcdef'
  const rows: [method: string, path: string, allowed: string[], refusal: string][] = [
    ['GET', T, ['runtime', 'admin', 'reader'], 'tunnel_use_forbidden'],
    ['GET', `${T}/poll?timeout_ms=1`, ['runtime', 'user'], 'tunnel_use_forbidden'],
    ['POST', `${T}/response`, ['runtime', 'user'], 'tunnel_use_forbidden'],
    ['GET', '/v1/tunnels?organization_id=o', ['admin'], 'tunnel_management_permission_required'],
    ['POST', '/v1/tunnels', ['admin'], 'tunnel_management_permission_required'],
    ['POST', T, ['admin'], 'tunnel_management_permission_required'],
  ]

  it.each(rows)('%s %s is for those with the scope', async (method, path, allowed, refusal) => {
    const service = await startService({tunnelId: T.split('/')[3]!, keys})
    const base = service.controlPlaneBaseUrl
    const body = method === 'POST' ? '{}' : undefined
    for (const {name} of keys) {
      const {status, json} = await ask(base, method, path, `Bearer sk-${name}`, body)
      if (allowed.includes(name)) {
        expect([200, 204, 400]).toContain(status)
      } else {
        expect(status).toBe(403)
        expect(json.error).toMatchObject({code: refusal, param: null, type: 'permission_error'})
      }
    }
    for (const bad of [null, 'Bearer nobody', 'Bearer ', 'Basic c2s=', 'sk-runtime', 'Bearer sk-runtime x']) {
      const {status, json, headers} = await ask(base, method, path, bad, body)
      expect(status).toBe(401)
      expect(json.error.code).toBe('invalid_api_key')
      expect(headers['x-request-id']).toMatch(/^req_/)
      expect(JSON.stringify(json)).not.toMatch(/nobody|sk-/)
    }
  })

  it('are asked before anything else: a stranger learns neither which tunnels nor which methods exist', async () => {
    const service = await startService()
    for (const path of ['/v1/tunnels/bad', `/v1/tunnels/tunnel_${'0'.repeat(32)}`, `/v1/tunnels/${service.tunnelId}`]) {
      for (const method of ['GET', 'DELETE', 'PUT']) {
        expect((await ask(service.controlPlaneBaseUrl, method, path, null)).status).toBe(401)
      }
    }
  })

  it('that are right meet the errors of the contract', async () => {
    const service = await startService()
    const base = service.controlPlaneBaseUrl
    const token = `Bearer ${service.runtimeKey.reveal()}`
    const metadata = await ask(base, 'GET', `/v1/tunnels/${service.tunnelId}`, token.replace('Bearer', 'bearer'))
    expect(metadata).toMatchObject({status: 200, json: {id: service.tunnelId}})
    expect(metadata.json.name).toBeTypeOf('string')
    expect(metadata.json.description).toBeTypeOf('string')

    const cases: [string, string, number, string][] = [
      ['GET', '/v1/tunnels/tunnel_short', 400, 'invalid_tunnel_id_format'],
      ['GET', '/v1/tunnels/tunnel_%ZZ', 404, 'unknown_url'],
      ['GET', `/v1/tunnels/tunnel_${'0'.repeat(32)}/poll`, 404, 'tunnel_not_found'],
      ['PUT', `/v1/tunnels/${service.tunnelId}`, 405, 'method_not_allowed'],
      ['POST', `/v1/tunnels/${service.tunnelId}/poll`, 405, 'method_not_allowed'],
      ['GET', '/v1/else', 404, 'unknown_url'],
    ]
    for (const [method, path, status, code] of cases) {
      const reply = await ask(base, method, path, token)
      expect([path, reply.status, reply.json.error.code]).toEqual([path, status, code])
      expect(Object.keys(reply.json.error)).toEqual(['message', 'type', 'param', 'code'])
      expect(reply.headers['x-request-id']).toMatch(/^req_/)
    }
    const wrong = await ask(base, 'PATCH', `/v1/tunnels/${service.tunnelId}/response`, token)
    expect(wrong.headers.allow).toBe('POST')
  })

  it('are not shown by whatever prints the service', async () => {
    const service = await startService()
    const secret = service.runtimeKey.reveal()
    expect(`${service.runtimeKey} ${JSON.stringify(service)}`).not.toContain(secret)
    expect(secret).not.toBe(service.adminKey.reveal())
  })

  it('differ from run to run', async () => {
    const one = await startService()
    const two = await startService()
    expect(one.runtimeKey.reveal()).not.toBe(two.runtimeKey.reveal())
    expect(one.tunnelId).not.toBe(two.tunnelId)
  })

  it('do not open the ingress, and the control routes are not on it', async () => {
    const service = await startService()
    const origin = new URL(service.mcpUrl).origin
    const token = `Bearer ${service.runtimeKey.reveal()}`
    expect((await ask(origin, 'GET', `/v1/tunnels/${service.tunnelId}/poll`, token)).status).toBe(404)
    expect((await ask(service.controlPlaneBaseUrl, 'POST', service.mcpUrlPath, token, '{}')).status).toBe(404)
  })
})
