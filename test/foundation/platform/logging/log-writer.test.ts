import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {fileURLToPath} from 'node:url'
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
    const {writer, lines} = await open({
      secrets: [new Secret('canary-value-1')],
      onRecord: (record) => kept.push(record),
    })
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

  test('an error that cannot be serialised does not break the caller', async () => {
    const {writer, lines} = await open()
    const circular: Record<string, unknown> = {}
    circular.self = circular
    writer.logger.info('odd', {circular, big: 10n})
    expect(await lines()).toHaveLength(1)
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
