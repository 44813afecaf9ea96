import {readdirSync} from 'node:fs'
import {expect, it} from 'vitest'
import {TRANSPORTS} from '../../../src/tunnel/channels/registry.ts'

it('knows every transport by the name of its file, and no other', () => {
  const files = readdirSync(new URL('../../../src/tunnel/channels/transports', import.meta.url))
  expect(
    Object.keys(TRANSPORTS)
      .map((kind) => `${kind}.ts`)
      .toSorted(),
  ).toEqual(files.toSorted())
})
