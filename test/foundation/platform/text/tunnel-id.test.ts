// The same form for everybody who is given the id of a tunnel.

import {expect, it} from 'vitest'
import {isTunnelId} from '../../../../src/foundation/platform/index.ts'

const HEX = '0123456789abcdef'.repeat(2)

it.each([`tunnel_${HEX}`, `tunnel_${'z'.repeat(32)}`])('takes %s', (id) => expect(isTunnelId(id)).toBe(true))

it.each([
  '',
  HEX,
  `tunnel_${HEX}0`,
  `tunnel_${HEX.slice(1)}`,
  `tunnel_${HEX.toUpperCase()}`,
  `Tunnel_${HEX}`,
  ` tunnel_${HEX}`,
  `tunnel_${HEX}\n`,
])('refuses %j', (id) => expect(isTunnelId(id)).toBe(false))
