// PEM files, read and matched while configuration is loaded, so that a wrong file is told before anything starts.

import {createPrivateKey, type KeyObject, X509Certificate} from 'node:crypto'
import {goQuote} from '../../errors/index.ts'
import {decodeText, Secret} from '../../platform/index.ts'
import type {ClientCertificate, TunnelConfig} from '../types.ts'
import type {Parsed} from './go-text.ts'
import type {ReferenceHost} from './references.ts'

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n(?:(?!-----BEGIN )[\s\S])*?-----END \1-----/g

/** Comments around the blocks may be in any encoding. */
function pemText(data: Uint8Array): string {
  const content = decodeText(data)
  return content.ok ? content.text : Buffer.from(data).toString('latin1')
}

interface Block {
  readonly type: string
  readonly pem: string
}

const blocksOf = (text: string): Block[] => [...text.matchAll(BLOCK)].map(([pem, type]) => ({type: type!, pem}))
const refuse = (problem: string): {readonly ok: false; readonly problem: string} => ({ok: false, problem})

/** The certificates of a bundle; those that cannot be parsed are left out, but one must remain. */
export async function readCaBundle(
  host: ReferenceHost,
  path: string,
): Promise<Parsed<NonNullable<TunnelConfig['trust']['caBundle']>>> {
  const file = await host.read(path)
  if (!file.ok) return refuse(`read CA bundle ${goQuote(path)}: ${file.problem}`)
  const pems = blocksOf(pemText(file.data)).flatMap(({type, pem}) =>
    type === 'CERTIFICATE' && certificateOf(pem) !== null ? [pem] : [],
  )
  return pems.length === 0 ? refuse('PEM bundle contained no certificates') : {ok: true, value: {path, pems}}
}

/** A pair of paths. Both are needed when one is given; null when neither is. */
export async function readClientCertificate(
  host: ReferenceHost,
  {certPath, keyPath}: Pick<ClientCertificate, 'certPath' | 'keyPath'>,
): Promise<Parsed<ClientCertificate | null>> {
  if (certPath === '' && keyPath === '') return {ok: true, value: null}
  if (certPath === '') return refuse('client certificate path is required when key path is set')
  if (keyPath === '') return refuse('client key path is required when certificate path is set')
  const failed = (problem: string): Parsed<never> => refuse(`load client certificate/key pair: ${problem}`)
  const cert = await host.read(certPath)
  if (!cert.ok) return failed(cert.problem)
  const key = await host.read(keyPath)
  if (!key.ok) return failed(key.problem)
  const certText = pemText(cert.data)
  const keyText = pemText(key.data)
  const problem = pairProblem(blocksOf(certText), blocksOf(keyText))
  if (problem !== null) return failed(problem)
  return {ok: true, value: {certPath, keyPath, cert: certText, key: new Secret(keyText)}}
}

const isKey = ({type}: Block): boolean => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY')
const typesOf = (blocks: readonly Block[]): string => `[${blocks.map(({type}) => type).join(' ')}]`

function pairProblem(certBlocks: readonly Block[], keyBlocks: readonly Block[]): string | null {
  const leaf = certBlocks.find(({type}) => type === 'CERTIFICATE')
  if (leaf === undefined) {
    if (certBlocks.length === 0) return 'tls: failed to find any PEM data in certificate input'
    if (certBlocks.length === 1 && isKey(certBlocks[0]!)) {
      const found = 'but did find a private key; PEM inputs may have been switched'
      return `tls: failed to find certificate PEM data in certificate input, ${found}`
    }
    const skipped = `after skipping PEM blocks of the following types: ${typesOf(certBlocks)}`
    return `tls: failed to find "CERTIFICATE" PEM block in certificate input ${skipped}`
  }
  const key = keyBlocks.find(isKey)
  if (key === undefined) {
    if (keyBlocks.length === 0) return 'tls: failed to find any PEM data in key input'
    if (keyBlocks.length === 1 && keyBlocks[0]!.type === 'CERTIFICATE') {
      return 'tls: found a certificate rather than a key in the PEM for the private key'
    }
    const skipped = `after skipping PEM blocks of the following types: ${typesOf(keyBlocks)}`
    return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input ${skipped}`
  }
  const certificate = certificateOf(leaf.pem)
  if (certificate === null) return 'tls: failed to parse certificate'
  const privateKey = privateKeyOf(key.pem)
  if (privateKey === null) return 'tls: failed to parse private key'
  if (certificate.publicKey.asymmetricKeyType !== privateKey.asymmetricKeyType) {
    return 'tls: private key type does not match public key type'
  }
  return certificate.checkPrivateKey(privateKey) ? null : 'tls: private key does not match public key'
}

function certificateOf(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}

function privateKeyOf(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}
