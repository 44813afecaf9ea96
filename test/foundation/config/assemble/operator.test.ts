import {describe, expect, it} from 'vitest'
import {load, problemOf, problemsOf, put} from '../loading.ts'

describe('the log', () => {
  it.each([
    ['debug', 'debug'],
    ['DEBUG-4', 'debug'],
    ['debug+1', 'info'],
    ['info-1', 'info'],
    ['Info+2', 'warn'],
    ['warn', 'warn'],
    ['ERROR', 'error'],
    ['error+9', 'error'],
  ])('reads the level %s as %s', async (text, level) => {
    expect((await load({flags: {'log.level': text, 'log.format': 'json'}})).log.level).toBe(level)
  })

  it.each([
    ['debug', '', "log level requires 'struct-text' or 'json' log format"],
    ['INFO+0', '', "log level requires 'struct-text' or 'json' log format"],
    ['loud', '', "log level requires 'struct-text' or 'json' log format"],
    ['loud', 'json', 'parse log level "loud": slog: level string "loud": unknown name'],
    [
      'info+x',
      'json',
      'parse log level "info+x": slog: level string "info+x": strconv.Atoi: parsing "+x": invalid syntax',
    ],
    ['info', 'text', 'unsupported log format "text": supported formats are "struct-text" or "json"'],
    ['info', 'default', 'unsupported log format "default": supported formats are "struct-text" or "json"'],
  ])('refuses level %j with format %j', async (level, format, message) => {
    expect(await problemOf({flags: {'log.level': level, 'log.format': format}})).toBe(message)
  })

  it('needs no format for another level when it goes to a file', async () => {
    const config = await load({flags: {'log.level': 'debug', 'log.file': 'x.log'}})
    expect(config.log).toEqual({level: 'debug', format: 'struct-text', file: 'x.log'})
    const explicit = await load({flags: {'log.format': 'json', 'log.file': 'x.log'}})
    expect(explicit.log.format).toBe('json')
  })
})

describe('the health listener', () => {
  it('may be named by a reference in YAML; a file holds the value, also that of a socket', async () => {
    put('addr', '127.0.0.1:99\n')
    put('socket', '/run/x.sock\n')
    const config = await load({yaml: 'health: {listen_addr: "file:addr", unix_socket: "file:socket"}'})
    expect(config.health).toEqual({
      listenAddr: '127.0.0.1:99',
      unixSocket: '/run/x.sock',
      urlFile: null,
      showDetails: false,
    })
  })

  it('refuses references that lead nowhere, with their line', async () => {
    const problems = await problemsOf({yaml: 'health:\n  listen_addr: ""\n  unix_socket: env:NOPE\n'})
    expect(problems.map(({message, origin}) => [message, origin])).toEqual([
      ['parse config file tunnel.yaml: health.listen_addr cannot be empty', 'tunnel.yaml:2'],
      [
        'parse config file tunnel.yaml: invalid health.unix_socket reference "env:NOPE": environment variable "NOPE" is not set',
        'tunnel.yaml:3',
      ],
    ])
  })
})
