import {chmod, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {request} from 'undici'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {createTunnelService} from '../../../src/service/tunnel-service/index.ts'
import {quietPort} from '../../support/servers/loopback.ts'
import {call, toolCall} from './support/caller.ts'
import {startDaemon, startService} from './support/with-service.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'service-state-'))
})
afterEach(() => rm(folder, {recursive: true}))

describe('the state file', () => {
  it('lets tunnels and keys survive a restart: the same daemon goes on', async () => {
    const stateFile = join(folder, 'deep', 'state.json')
    const control = {host: '127.0.0.1', port: await quietPort()}
    const first = await startService({stateFile, control})
    const created = await request(`${first.controlPlaneBaseUrl}/v1/tunnels`, {
      method: 'POST',
      headers: {authorization: `Bearer ${first.adminKey.reveal()}`},
      body: JSON.stringify({name: 'kept', description: 'd', organization_ids: ['o']}),
    })
    const tunnel = (await created.body.json()) as {id: string}
    await first.close()

    const second = await startService({stateFile, control})
    expect(second.tunnelId).toBe(first.tunnelId)
    expect(second.adminKey.reveal()).toBe(first.adminKey.reveal())
    const daemon = startDaemon(first)
    const reply = call(second.mcpUrl, toolCall(1))
    await daemon.respond(await daemon.next())
    expect((await reply).status).toBe(200)
    const kept = await request(`${second.controlPlaneBaseUrl}/v1/tunnels/${tunnel.id}`, {
      headers: {authorization: `Bearer ${second.runtimeKey.reveal()}`},
    })
    expect(await kept.body.json()).toEqual(tunnel)
  })

  it('is private, written whole, and leaves nothing beside it', async () => {
    const stateFile = join(folder, 'state.json')
    const service = await startService({stateFile})
    expect((await stat(stateFile)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['state.json'])
    expect(await readFile(stateFile, 'utf8')).toContain(service.runtimeKey.reveal())
  })

  it('takes a tunnel that is named on top', async () => {
    const stateFile = join(folder, 'state.json')
    const first = await startService({stateFile})
    const tunnelId = 'tunnel_0123456789abcdef0123456789abcdef'
    const second = await startService({stateFile, tunnelId})
    expect([second.tunnelId, second.snapshot(first.tunnelId)]).toEqual([tunnelId, expect.anything()])
    expect((await startService({stateFile})).tunnelId).toBe(tunnelId)
  })

  it.each([
    ['no JSON', '{', 'it is not JSON'],
    ['another shape', '{"schema_version":3}', 'schema_version is wrong'],
  ])('with %s stops the start and is left as it is', async (_name, text, why) => {
    const stateFile = join(folder, 'state.json')
    await writeFile(stateFile, text, {mode: 0o600})
    const start = createTunnelService({stateFile})
    await expect(start).rejects.toMatchObject({code: 'TC-SERVICE-STATE', message: expect.stringContaining(why)})
    expect(await readFile(stateFile, 'utf8')).toBe(text)
  })

  it('that others may read stops the start', async () => {
    const stateFile = join(folder, 'state.json')
    await (await createTunnelService({stateFile})).close()
    await chmod(stateFile, 0o644)
    await expect(createTunnelService({stateFile})).rejects.toMatchObject({next: [`chmod 600 ${stateFile}`]})
  })

  it('that cannot be written stops the start', async () => {
    await writeFile(join(folder, 'file'), '')
    const start = createTunnelService({stateFile: join(folder, 'file', 'state.json')})
    await expect(start).rejects.toMatchObject({code: 'TC-SERVICE-STATE'})
  })
})
