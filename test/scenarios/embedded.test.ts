// The package as a library, as its users meet it: packed, compiled against, and run by the examples of the documentation.

import {execFileSync, spawnSync} from 'node:child_process'
import {copyFileSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {Client as ClientV2, StreamableHTTPClientTransport as TransportV2} from '@modelcontextprotocol/client'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {createTunnelService, type TunnelService} from '../../src/index.ts'
import {cleanEnv, watchProgram} from '../support/cli.ts'
import {type Packed, packed} from './packed.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const EXAMPLES = join(ROOT, 'examples')
const USED = [
  '@modelcontextprotocol/client',
  '@modelcontextprotocol/node',
  '@modelcontextprotocol/sdk',
  '@modelcontextprotocol/server',
  '@types/node',
  'undici-types',
  'zod',
]

let pack: Packed
beforeAll(() => {
  pack = packed(USED)
  writeFileSync(join(pack.folder, 'package.json'), '{"type": "module"}')
  for (const name of readdirSync(EXAMPLES)) copyFileSync(join(EXAMPLES, name), join(pack.folder, name))
}, 180_000)
afterAll(() => pack?.remove())

describe('as a dependency', () => {
  it.each(['Node16', 'NodeNext', 'Bundler'])(
    'compiles strictly with module resolution %s',
    (resolution) => {
      const sources = readdirSync(join(ROOT, 'test/scenarios/consumer'))
      for (const name of sources) copyFileSync(join(ROOT, 'test/scenarios/consumer', name), join(pack.folder, name))
      const config = {
        compilerOptions: {
          module: resolution === 'Bundler' ? 'ESNext' : resolution,
          moduleResolution: resolution,
          target: 'ES2022',
          lib: ['ES2022'],
          types: ['node'],
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: true,
          noEmit: true,
        },
        files: sources,
      }
      writeFileSync(join(pack.folder, 'tsconfig.json'), JSON.stringify(config))
      const {stdout} = spawnSync(process.execPath, [TSC, '-p', pack.folder], {encoding: 'utf8'})
      expect(stdout).toBe('')
    },
    180_000,
  )

  it('has declarations that stand alone: no package, no path outside of it, nothing to skip', () => {
    writeFileSync(join(pack.folder, 'bare.ts'), `export * from 'tunnel-client'\n`)
    const compilerOptions = {
      module: 'node16',
      target: 'es2022',
      lib: ['es2022', 'dom'],
      types: [],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    }
    writeFileSync(join(pack.folder, 'bare.json'), JSON.stringify({compilerOptions, files: ['bare.ts']}))
    const {stdout} = spawnSync(process.execPath, [TSC, '-p', 'bare.json'], {cwd: pack.folder, encoding: 'utf8'})
    expect(stdout).toBe('')
  }, 180_000)

  it('loads next to nothing until it is used, and touches nothing global', () => {
    const script = `
      const before = process.eventNames().length
      const {createTunnelClient} = await import('tunnel-client')
      createTunnelClient({env: {}})
      console.log(process.eventNames().length - before)`
    const coverage = join(pack.folder, 'coverage')
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: pack.folder,
      encoding: 'utf8',
      env: {...cleanEnv(), NODE_V8_COVERAGE: coverage},
    })
    expect(out.trim()).toBe('0')
    const urls = readdirSync(coverage).flatMap((name) =>
      (JSON.parse(readFileSync(join(coverage, name), 'utf8')).result as {url: string}[]).map(({url}) => url),
    )
    const loaded = [...new Set(urls)].filter(
      (url) => /^file:.*\.js$/.test(url) && url.startsWith(pathToFileURL(pack.folder).href),
    )
    const bytes = loaded.reduce((sum, url) => sum + readFileSync(fileURLToPath(url)).length, 0)
    expect(loaded.length).toBeGreaterThan(0)
    expect(bytes).toBeLessThan(60_000)
  })

  it('prints one readable source line when an error of it is not caught', () => {
    const script = `import {createTunnelClient} from 'tunnel-client'; createTunnelClient({tunnelId: 7, env: {}})`
    const {stderr, status} = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: pack.folder,
      encoding: 'utf8',
      env: cleanEnv(),
    })
    expect(status).not.toBe(0)
    expect(stderr).toContain('tunnelId')
    expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(300)
  })

  it('installs nothing else, and passes on the licenses of the code that it contains', () => {
    const {dependencies = {}} = JSON.parse(readFileSync(join(pack.home, 'package.json'), 'utf8'))
    expect(Object.keys(dependencies)).toEqual([])
    const notices = readFileSync(join(pack.home, 'dist/THIRD_PARTY_NOTICES.txt'), 'utf8')
    for (const name of ['undici', 'zod', '@oclif/core', '@modelcontextprotocol/server'])
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'))
    expect(notices).toContain('Permission is hereby granted')
  })

  it('keeps what is inside inside', () => {
    const script = `await import('tunnel-client/dist/main.js').catch(({code}) => console.log(code))`
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: pack.folder,
      encoding: 'utf8',
    })
    expect(out.trim()).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })
})

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')

describe('the examples', () => {
  let service: TunnelService
  beforeAll(async () => {
    service = await createTunnelService()
  })
  afterAll(() => service.close())

  const call = async (pin?: string): Promise<unknown> => {
    const client = new ClientV2({name: 't', version: '0'}, pin ? {versionNegotiation: {mode: {pin}}} : {})
    await client.connect(new TransportV2(new URL(service.mcpUrl)))
    const {content} = await client.callTool({name: 'now', arguments: {}})
    await client.close()
    return content
  }

  it.each(['embed.mjs', 'embed-both-eras.mjs', 'embed-sdk-1.mjs'])(
    '%s serves calls and ends when told',
    async (name) => {
      const {tunnelId, apiKey, baseUrl} = service
      const program = watchProgram([process.execPath, join(pack.folder, name)], {
        env: {
          CONTROL_PLANE_TUNNEL_ID: tunnelId,
          CONTROL_PLANE_API_KEY: apiKey,
          CONTROL_PLANE_BASE_URL: baseUrl,
          MY_TUNNEL: tunnelId,
          MY_TUNNEL_KEY: apiKey,
          MY_TUNNEL_SERVICE: baseUrl,
        },
      })
      await program.output(/A call would work now/)
      expect(await call()).toEqual([{type: 'text', text: expect.stringMatching(/^\d{4}-/)}])
      if (name === 'embed-both-eras.mjs') expect(await call('2026-07-28')).toHaveLength(1)
      program.kill('SIGTERM')
      expect(await program.exited).toEqual({status: 0, signal: null})
      expect(program.stderr()).toBe('')
      expect(program.stdout() + program.stderr()).not.toContain(apiKey)
    },
  )

  it('embed-sdk-1.mjs says what is wrong with a key, and ends by itself', async () => {
    const program = watchProgram([process.execPath, join(pack.folder, 'embed-sdk-1.mjs')], {
      env: {MY_TUNNEL: service.tunnelId, MY_TUNNEL_KEY: 'wrong-key-canary', MY_TUNNEL_SERVICE: service.baseUrl},
    })
    expect(await program.exited).toMatchObject({status: 1})
    expect(program.stderr()).toContain('[TC-SDK-NOT-READY]')
    expect(program.stderr()).toContain('TC-AUTH-KEY-INVALID')
    expect(program.stdout() + program.stderr()).not.toContain('wrong-key-canary')
  })

  it('server.test.mjs passes', () => {
    const {stdout, status} = spawnSync(process.execPath, ['--test', join(pack.folder, 'server.test.mjs')], {
      encoding: 'utf8',
      env: cleanEnv(),
    })
    expect(stdout).toContain('pass 1')
    expect(status).toBe(0)
  })
})
