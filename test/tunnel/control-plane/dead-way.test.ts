// A poll stands open for half a minute and says nothing. Whether its connection still leads anywhere, the system asks.

import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {expect, onTestFinished, test} from 'vitest'
import type {TunnelConfig} from '../../../src/foundation/config/index.ts'
import {createHttpDoor, systemClock} from '../../../src/foundation/platform/index.ts'
import {controlPlaneDestination} from '../../../src/tunnel/control-plane/index.ts'
import {needs, pathOf, program} from '../../support/parts.ts'
import {scriptedControlPlane} from '../../support/scripted-control-plane.ts'

const SS = program('ss', 'iproute2')

test('while a poll stands open, the system asks within ten seconds', async (context) => {
  needs(SS)(context)
  const plane = await scriptedControlPlane()
  const door = createHttpDoor({clock: systemClock})
  onTestFinished(async () => {
    await door.close()
    await plane.close()
  })
  const config = {
    controlPlane: {baseUrl: plane.origin, clientCertificate: null, unixSocket: null},
    trust: {caBundle: null},
  }
  const destination = door.destination(controlPlaneDestination(config as unknown as TunnelConfig))
  destination.stream(
    {method: 'GET', path: '/v1/tunnels/tunnel_test/poll?limit=1&timeout_ms=30000', headers: []},
    {onHead() {}, onData() {}, onEnd() {}, onFailure() {}},
  )
  await plane.until('the poll', () => plane.heldPolls === 1)
  const {stdout} = await promisify(execFile)(pathOf('ss')!, ['-Htno', 'dst', plane.origin.host])
  // Seconds with a fraction are written as if they were milliseconds: 9.984ms.
  const seconds = /timer:\(keepalive,([\d.]+)(?:sec|ms)/.exec(stdout)?.[1]
  expect(Number(seconds), stdout).toBeLessThanOrEqual(10)
})
