import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {fileURLToPath} from 'node:url'
import fc from 'fast-check'
import {afterEach, beforeEach, describe, expect, onTestFinished, test} from 'vitest'
import {
  createLogWriter,
  type LogRecord,
  type LogWriterOptions,
  Secret,
} from '../../../../src/foundation/platform/index.ts'

const open = async (options: Partial<LogWriterOptions> = {}) => {
  const stream = new PassThrough()
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const writer = await createLogWriter({
    level: 'info',
    format: 'json',
    stream,
    attrs: {client_instance_id: 'i1', tunnel_id: 't1'},
    ...options,
  })
  const lines = async (): Promise<Record<string, unknown>[]> => {
    await writer.flush()
    await new Promise((resolve) => setImmediate(resolve))
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]))
  }
  return {writer, lines}
}

describe('records', () => {
  test('every record names the process and the tunnel; children add to it', async () => {
    const {writer, lines} = await open()
    writer.logger.child({component: 'health'}).info('hello', {n: 1})
    expect(await lines()).toMatchObject([
      {level: 'INFO', msg: 'hello', client_instance_id: 'i1', tunnel_id: 't1', component: 'health', n: 1},
    ])
  })

  test('a change of level reaches loggers that exist already', async () => {
    const {writer, lines} = await open()
    const child = writer.logger.child({component: 'x'})
    child.debug('no')
    expect(child.enabled('debug')).toBe(false)
    writer.setLevel('debug')
    expect(writer.level()).toBe('debug')
    child.debug('yes')
    writer.setLevel('error')
    child.warn('no')
    child.error('last')
    expect((await lines()).map((line) => line.msg)).toEqual(['yes', 'last'])
  })

  test('no secret gets out, nor into what is kept', async () => {
    const kept: LogRecord[] = []
    new Secret('canary-value-1')
    const {writer, lines} = await open({onRecord: (record) => kept.push(record)})
    writer.logger.info('key canary-value-1', {
      header: new Secret('other-secret'),
      api_key: 'anything',
      list: ['x canary-value-1'],
      url: 'https://u:p@host/',
    })
    const text = JSON.stringify([await lines(), kept])
    expect(text).not.toMatch(/canary|other-secret|anything|u:p/)
    expect(kept).toHaveLength(1)
  })

  test('a value that JSON cannot hold does not break the caller', async () => {
    const {writer, lines} = await open()
    const circular: Record<string, unknown> = {}
    circular.self = circular
    writer.logger.info('odd', {circular, big: 10n})
    expect(await lines()).toHaveLength(1)
  })
})

describe('no record exceeds 16 KiB', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 'end' : {next: deep(levels - 1), list: [levels]})
  const hostile = fc.oneof(
    fc.constantFrom('x', '\u0000', '\u20ac', '"', '\ud800', '\u{1f600}').map((part) => part.repeat(60_000)),
    fc.nat(20_000).map((count) => Array.from({length: count}, (_, n) => `item ${n}`)),
    fc.nat(20_000).map((count) => Object.fromEntries(Array.from({length: count}, (_, n) => [`key-${n}`, n]))),
    fc.nat(2000).map(deep),
    fc.constant({['k'.repeat(60_000)]: 'long name'}),
    fc.constant([new Uint8Array(60_000), new Error('e'.repeat(60_000)), 10n ** 4000n, new Date(0), null, undefined]),
    fc.anything({maxDepth: 4, withBigInt: true, withDate: true, withNullPrototype: true, withTypedArray: true}),
  )
  test.each(['json', 'struct-text', 'default'] as const)('%s', async (format) => {
    const stream = new PassThrough()
    const {writer} = await open({format, stream})
    const text = (): Buffer => (stream.read() as Buffer | null) ?? Buffer.alloc(0)
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), hostile, {maxKeys: 5}), hostile, (message, attrs, more) => {
        writer.logger.child({more}).warn(message.repeat(500), attrs)
        const line = text()
        expect(line.length).toBeGreaterThan(0)
        expect(line.length).toBeLessThanOrEqual(16 * 1024)
        expect(line.indexOf(10)).toBe(line.length - 1)
      }),
      {numRuns: 200},
    )
  })

  test('the record names what was cut', async () => {
    const {writer, lines} = await open()
    writer.logger.info('hello', {request_id: 'r'.repeat(60_000), channel: 'main', many: Array(99).fill(1)})
    const [line] = await lines()
    expect(line).toMatchObject({
      msg: 'hello',
      tunnel_id: 't1',
      request_id: `${'r'.repeat(4096)}… (60000 characters)`,
      channel: 'main',
    })
    expect(line?.many).toHaveLength(65)
  })
})

describe('files', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'log-writer-'))
  })
  afterEach(() => rmSync(folder, {recursive: true}))

  test('are appended to and readable by the owner only', async () => {
    const file = join(folder, 'a.log')
    for (const message of ['first', 'second']) {
      const {writer} = await open({file, format: 'struct-text'})
      writer.logger.info(message)
      await writer.close()
    }
    expect(readFileSync(file, 'utf8')).toMatch(/msg=first .*\n.*msg=second .*\n$/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('that cannot be opened are an error of the system', async () => {
    await expect(open({file: join(folder, 'no', 'a.log')})).rejects.toThrow(/ENOENT/)
  })
})

describe('readers', () => {
  const script = `
    const {createLogWriter} = await import(${JSON.stringify(fileURLToPath(new URL('../../../../src/foundation/platform/index.ts', import.meta.url)))})
    const writer = await createLogWriter({level: 'info', format: process.argv[1], attrs: {}})
    let n = 0
    let enough = false
    const timer = setInterval(async () => {
      for (let i = 0; i < 200; i++) writer.logger.info('x'.repeat(1000), {n: n++})
      if (!enough || n < 20000) return
      clearInterval(timer)
      await writer.flush(200)
      process.send({n, rss: process.memoryUsage().rss}, () => process.exit(7))
    }, 1)
    process.on('message', () => { enough = true })
    process.send({started: true})
  `
  const start = (format: 'json' | 'default') => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, format], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {...process.env, NODE_OPTIONS: ''},
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    return child
  }
  const message = (child: ReturnType<typeof start>) =>
    new Promise<Record<string, number>>((resolve, reject) => {
      child.once('message', (value) => resolve(value as Record<string, number>))
      child.once('exit', (code) => reject(new Error(`ended with ${code}`)))
    })

  test.each(['json', 'default'] as const)('a reader that went away does not end the process (%s)', async (format) => {
    const child = start(format)
    await message(child)
    child.stdout?.destroy()
    child.stderr?.destroy()
    const said = message(child)
    child.send('twenty megabytes are enough')
    expect((await said).n).toBeGreaterThanOrEqual(20_000)
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(7)
  })

  test('a reader that stands still neither blocks nor bloats it', async () => {
    const child = start('json')
    await message(child)
    // Nobody reads stdout, and five times the backlog is written.
    const said = message(child)
    child.send('twenty megabytes are enough')
    const {n = 0, rss = 0} = await said
    expect(n).toBeGreaterThanOrEqual(20_000)
    expect(rss).toBeLessThan(400 * 1024 * 1024)
    child.stdout?.resume()
    await new Promise((resolve) => child.once('exit', resolve))
  })
})
