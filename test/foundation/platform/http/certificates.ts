// Certificates for one test run, made by the real openssl.

import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'

/** A certificate with its key, PEM. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

/** What a leaf should be. */
export interface LeafOptions {
  /** `DNS:localhost`, `IP:127.0.0.1` … */
  readonly names?: string
  /** `YYYYMMDDHHMMSSZ` */
  readonly from?: string
  readonly until?: string
}

/** A certificate authority that lives as long as the test. */
export interface Authority {
  readonly cert: string
  leaf(options?: LeafOptions): Pair
}

const CONFIG = `
[ca]
default_ca = here
[here]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`

/** Makes an authority of its own. */
export function authority(name = 'Test Root'): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, {cwd: folder, stdio: ['ignore', 'ignore', 'pipe']})
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...newKey, '-keyout', 'root.key', '-out', 'root.pem', '-days', '30', '-subj', `/CN=${name}`)
  writeFileSync(join(folder, 'ca.cnf'), CONFIG)
  writeFileSync(join(folder, 'index.txt'), '')
  writeFileSync(join(folder, 'serial'), '1000')
  let count = 0
  return {
    cert: read('root.pem'),
    leaf({names = 'DNS:localhost,IP:127.0.0.1', from = '20200101000000Z', until = '20490101000000Z'} = {}) {
      count += 1
      const leaf = `leaf${count}`
      writeFileSync(join(folder, `${leaf}.ext`), `subjectAltName = ${names}\n`)
      openssl('req', '-new', ...newKey, '-keyout', `${leaf}.key`, '-out', `${leaf}.csr`, '-subj', `/CN=${leaf}`)
      const dates = ['-startdate', from, '-enddate', until]
      const signer = ['-config', 'ca.cnf', '-cert', 'root.pem', '-keyfile', 'root.key']
      openssl(
        'ca',
        '-batch',
        '-notext',
        ...signer,
        ...dates,
        '-extfile',
        `${leaf}.ext`,
        '-in',
        `${leaf}.csr`,
        '-out',
        `${leaf}.pem`,
      )
      return {cert: read(`${leaf}.pem`), key: read(`${leaf}.key`)}
    },
  }
}

/** A certificate that signed itself. */
export function selfSigned(): Pair {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const files = ['-keyout', 'key', '-out', 'cert']
  const about = ['-days', '2', '-subj', '/CN=alone', '-addext', 'subjectAltName=DNS:localhost']
  execFileSync('openssl', ['req', '-x509', ...ec, ...files, ...about], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return {cert: readFileSync(join(folder, 'cert'), 'utf8'), key: readFileSync(join(folder, 'key'), 'utf8')}
}
