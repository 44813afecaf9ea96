import {generateKeyPairSync} from 'node:crypto'
import {describe, expect, it} from 'vitest'
import {REFUSED_KEYS} from '../../../../src/foundation/config/rows/refused.ts'
import {load, problemOf, problemsOf, put} from '../loading.ts'
import {selfSigned} from '../self-signed.ts'

const a = selfSigned('a')
const b = selfSigned('b')
put('a.pem', a.cert)
put('a.key', a.key)
put('b.pem', b.cert)
put('b.key', b.key)
const lock = {type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hidden'} as const
put('locked.key', a.privateKey.export(lock))
put('other-kind.key', generateKeyPairSync('ed25519').privateKey.export({type: 'pkcs8', format: 'pem'}))
put('empty.pem', 'nothing\n')
const BROKEN = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
put('broken.pem', BROKEN)
put('broken.key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')
put('other.pem', '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n')

describe('certificate authorities', () => {
  it('are read from a file, and what cannot be parsed is left out', async () => {
    put('two.pem', `${a.cert}a comment\n${BROKEN}${b.cert.replaceAll('\n', '\r\n')}`)
    const config = await load({flags: {'ca-bundle': 'FILE:two.pem'}})
    expect(config.trust.caBundle).toMatchObject({path: 'two.pem'})
    expect(config.trust.caBundle?.pems).toHaveLength(2)
    expect((await load({yaml: 'ca_bundle: env:CA', env: {CA: 'a.pem'}})).trust.caBundle?.pems).toHaveLength(1)
  })

  it.each([
    ['nope', 'invalid ca-bundle "nope": read CA bundle "nope": open nope: no such file or directory'],
    ['empty.pem', 'invalid ca-bundle "empty.pem": PEM bundle contained no certificates'],
    ['broken.pem', 'invalid ca-bundle "broken.pem": PEM bundle contained no certificates'],
    ['env:NOPE', 'invalid ca-bundle reference "env:NOPE": environment variable "NOPE" is not set'],
    ['env:', 'invalid ca-bundle reference "env:": env name is required'],
    ['file:', 'invalid ca-bundle reference "file:": file path is required'],
  ])('cannot be %s', async (path, message) => {
    expect(await problemOf({flags: {'ca-bundle': path}})).toBe(message)
  })

  it('are none for an empty flag, whatever the variable says', async () => {
    expect((await load({flags: {'ca-bundle': ''}, env: {CA_BUNDLE: 'nope'}})).trust.caBundle).toBeNull()
  })
})

describe('client certificates', () => {
  it('switch the host of the service, also when it was named', async () => {
    const flags = {'control-plane.client-cert': 'a.pem', 'control-plane.client-key': 'file:a.key'}
    const href = async (url: string): Promise<string> =>
      (await load({flags: {...flags, 'control-plane.base-url': url}})).controlPlane.baseUrl.href
    expect(await href('')).toBe('https://mtls.api.openai.com/')
    expect(await href(' https://api.openai.com// ')).toBe('https://mtls.api.openai.com/')
    expect(await href('https://api.openai.com/x')).toBe('https://api.openai.com/')
    expect(await href('http://other.test')).toBe('http://other.test/')
    const {clientCertificate} = (await load({flags})).controlPlane
    expect(clientCertificate).toMatchObject({certPath: 'a.pem', keyPath: 'a.key'})
    expect(clientCertificate?.cert).toContain('BEGIN CERTIFICATE')
    expect(clientCertificate?.key.reveal()).toContain('PRIVATE KEY')
  })

  const pair = 'load client certificate/key pair: '
  it.each([
    ['a.pem', '', 'client key path is required when certificate path is set'],
    ['', 'a.key', 'client certificate path is required when key path is set'],
    ['nope', 'a.key', `${pair}open nope: no such file or directory`],
    ['a.pem', 'nope', `${pair}open nope: no such file or directory`],
    ['empty.pem', 'a.key', `${pair}tls: failed to find any PEM data in certificate input`],
    [
      'a.key',
      'a.pem',
      `${pair}tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched`,
    ],
    [
      'other.pem',
      'a.key',
      `${pair}tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [X509 CRL]`,
    ],
    ['broken.pem', 'a.key', `${pair}tls: failed to parse certificate`],
    ['a.pem', 'empty.pem', `${pair}tls: failed to find any PEM data in key input`],
    ['a.pem', 'a.pem', `${pair}tls: found a certificate rather than a key in the PEM for the private key`],
    [
      'a.pem',
      'other.pem',
      `${pair}tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [X509 CRL]`,
    ],
    ['a.pem', 'broken.key', `${pair}tls: failed to parse private key`],
    ['a.pem', 'locked.key', `${pair}tls: failed to parse private key`],
    ['a.pem', 'b.key', `${pair}tls: private key does not match public key`],
    ['a.pem', 'other-kind.key', `${pair}tls: private key type does not match public key type`],
  ])('cannot be %j with %j', async (cert, key, message) => {
    const service = {'control-plane.client-cert': cert, 'control-plane.client-key': key}
    const invalid = 'client certificate configuration: '
    expect(await problemOf({flags: service})).toBe(`invalid control-plane ${invalid}${message}`)
    const servers = {'mcp.client-cert': cert, 'mcp.client-key': key}
    expect(await problemOf({flags: servers})).toBe(`invalid MCP ${invalid}${message}`)
  })

  it('are of the entry, or else of all HTTP servers', async () => {
    const config = await load({
      flags: {
        'mcp.client-cert': 'a.pem',
        'mcp.client-key': 'a.key',
        'mcp.server-url': ['http://a', 'channel=b,url=http://b,client-cert=b.pem,client-key=env:KEY'],
        'mcp.command': ['channel=c,command=x'],
      },
      env: {KEY: 'b.key'},
    })
    const certs = config.mcp.bindings.map((one) => (one.kind === 'http' ? one.clientCertificate?.certPath : 'stdio'))
    expect(certs).toEqual(['a.pem', 'b.pem', 'stdio'])
  })

  it('need an HTTP server', async () => {
    const flags = {'mcp.client-cert': 'a.pem', 'mcp.client-key': 'a.key', 'mcp.command': ['x']}
    const text = 'mcp.client-cert and mcp.client-key require at least one http-streamable mcp.server-url binding'
    expect(await problemOf({flags, env: {MCP_SERVER_URL: undefined}})).toBe(text)
  })

  it('are told with the entry that names them', async () => {
    const entry = 'url=http://h,client-cert=a.pem,client-key=b.key'
    const text = `invalid mcp.server-url client certificate entry "${entry}": ${pair}tls: private key does not match public key`
    expect(await problemsOf({flags: {'mcp.server-url': [entry]}})).toMatchObject([{message: text, check: 'mcp_target'}])
  })
})

describe('settings without support', () => {
  it.each(REFUSED_KEYS)('--$flag, $env and $key never seem to work', async ({key, flag, env, bool, accepts, says}) => {
    const value = accepts === 'off' ? 'true' : 'http://proxy:1'
    const yaml = key.includes('.') ? `${key.replace('.', ':\n  ')}: ${value}\n` : `${key}: ${value}\n`
    if (accepts === 'any') {
      await expect(load({flags: {[flag]: bool ? true : [value]}})).resolves.toBeDefined()
      await expect(load({env: {[env]: value}})).resolves.toBeDefined()
      await expect(load({yaml})).resolves.toBeDefined()
      return
    }
    const line = key.includes('.') ? 2 : 1
    expect(await problemsOf({flags: {[flag]: bool ? true : [value]}, env: {[env]: ''}})).toMatchObject([
      {code: 'TC-CONFIG-UNSUPPORTED', message: `--${flag} ${says}`, origin: `flag --${flag}`},
    ])
    await expect(load({flags: {[flag]: bool ? false : ['']}, env: {[env]: value}, yaml})).resolves.toBeDefined()
    expect(await problemsOf({env: {[env]: value}})).toMatchObject([
      {code: 'TC-CONFIG-UNSUPPORTED', message: `${env} ${says}`, origin: `env ${env}`},
    ])
    expect(await problemsOf({yaml})).toMatchObject([
      {message: `parse config file tunnel.yaml: ${key} ${says}`, origin: `tunnel.yaml:${line}`},
    ])
    await expect(load({env: {[env]: accepts === 'off' ? 'false' : ''}})).resolves.toBeDefined()
    await expect(load({yaml: yaml.replace(value, accepts === 'off' ? 'false' : '""')})).resolves.toBeDefined()
    await expect(load({yaml, env: {[env]: ''}})).resolves.toBeDefined()
  })

  it.each([
    ['flag', {flags: {'log.http-raw-unsafe': true}}, '--log.http-raw-unsafe', 'flag --log.http-raw-unsafe'],
    ['variable', {env: {LOG_HTTP_RAW_UNSAFE: 'T'}}, 'LOG_HTTP_RAW_UNSAFE', 'env LOG_HTTP_RAW_UNSAFE'],
    [
      'YAML',
      {yaml: 'log:\n  http_raw_unsafe: true\n'},
      'parse config file tunnel.yaml: log.http_raw_unsafe',
      'tunnel.yaml:2',
    ],
  ])('refuses to log raw HTTP, asked by %s, and takes no', async (_, given, name, origin) => {
    const message = `${name} is not supported yet: this version logs no HTTP messages`
    expect(await problemsOf(given)).toMatchObject([{code: 'TC-CONFIG-UNSUPPORTED', message, origin}])
    const no = JSON.parse(JSON.stringify(given).replace(/true|T(?=")/, 'false')) as typeof given
    await expect(load(no)).resolves.toBeDefined()
  })

  it('accepts a list of Harpoon targets that is empty', async () => {
    await expect(load({yaml: 'harpoon: {targets: []}'})).resolves.toBeDefined()
    expect(await problemOf({yaml: 'harpoon: {targets: [{label: a, url: "https://h"}]}'})).toMatch(
      /harpoon\.targets is not/,
    )
  })
})
