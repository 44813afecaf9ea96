// A file that holds the runtime key itself decides whose tunnel is served. It counts only when this user or root owns it.

import {stat} from 'node:fs/promises'
import {resolve} from 'node:path'
import {isTunnelError} from '../../errors/index.ts'
import {checkOwner} from '../../platform/index.ts'
import type {Problem} from '../problems.ts'
import type {FileValues} from './file-value.ts'

/** Reports a literal `control_plane.api_key` in a file of another user. */
export async function checkKeyOwner(options: {
  readonly file: FileValues
  readonly cwd: string
  readonly report: (problem: Problem) => void
}): Promise<void> {
  const {file, cwd, report} = options
  const key = file.values.get('control_plane.api_key')
  if (key?.shape !== 'scalar' || /^\s*(?:env:|file:|$)/i.test(key.text)) return
  const found = await stat(resolve(cwd, file.path)).catch(() => null)
  if (found === null) return
  try {
    checkOwner(file.path, found)
  } catch (thrown) {
    if (!isTunnelError(thrown)) throw thrown
    report({
      code: thrown.code,
      message: `read config file ${file.path}: it holds a key, and ${thrown.message}`,
      origin: {layer: 'file', path: file.path, line: key.line},
      next: [...thrown.next, 'Or write api_key: env:NAME or file:PATH there instead of the key'],
    })
  }
}
