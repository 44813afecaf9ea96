import {expect, it} from 'vitest'
import {openHttpChannel} from '../../../support/open-channel.ts'

it.each([404, 405])('the probe names the path when nothing is there: status %i', async (status) => {
  const {channel} = await openHttpChannel((_, reply) => void reply.writeHead(status).end('Cannot POST /'))
  await channel.start()
  expect(await channel.probe()).toMatchObject({state: 'failed', failure: 'mcp_path'})
})

it('and not when the server knows the path and has failed', async () => {
  const {channel} = await openHttpChannel((_, reply) => void reply.writeHead(500).end('no'))
  await channel.start()
  expect(await channel.probe()).toMatchObject({state: 'failed', failure: 'mcp_status'})
})
