// Self-signed certificates made by Node alone, so that these tests need nothing else on the machine.

import {generateKeyPairSync, type KeyObject, sign} from 'node:crypto'

/** A certificate and its key, PEM. */
export interface Pair {
  readonly cert: string
  readonly key: string
  readonly privateKey: KeyObject
}

/** A certificate for a name, P-256. */
export function selfSigned(name: string): Pair {
  const {publicKey, privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const ecdsaWithSha256 = der(0x30, oid('2a8648ce3d040302'))
  const subject = der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, Buffer.from(name)))))
  const validity = der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('490101000000Z')))
  const serial = der(0x02, Buffer.from([1]))
  const spki = publicKey.export({type: 'spki', format: 'der'})
  const body = der(0x30, serial, ecdsaWithSha256, subject, validity, subject, spki)
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  const base64 = der(0x30, body, ecdsaWithSha256, signature).toString('base64')
  const lines = base64.match(/.{1,64}/g)!.join('\n')
  const cert = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
  return {cert, key: privateKey.export({type: 'pkcs8', format: 'pem'}) as string, privateKey}
}

const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const {length} = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
