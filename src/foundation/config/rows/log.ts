// What is logged, how, and where to.

import {row} from './define.ts'

export const LOG_ROWS = [
  row({
    key: 'log.level',
    flag: 'log.level',
    env: 'LOG_LEVEL',
    default: 'info',
    hint: '<level>',
    summary: 'debug, info, warn or error; anything but info needs log.format',
  }),
  row({
    key: 'log.format',
    flag: 'log.format',
    env: 'LOG_FORMAT',
    hint: '<format>',
    kind: 'enum',
    values: ['struct-text', 'json'],
    summary: 'Structured text or JSON lines; unset is the plain format, or struct-text with log.file',
  }),
  row({
    key: 'log.file',
    flag: 'log.file',
    env: 'LOG_FILE',
    kind: 'path',
    summary: 'Append the log to this file; SIGUSR1 opens it again after a rotation',
  }),
  row({
    key: 'log.http_raw_unsafe',
    flag: 'log.http-raw-unsafe',
    env: 'LOG_HTTP_RAW_UNSAFE',
    kind: 'bool',
    default: 'false',
    refusedOn: 'is not supported yet: this version logs no HTTP messages',
    summary: 'Log HTTP messages with headers and bodies. Not supported yet: true is refused',
  }),
] as const
