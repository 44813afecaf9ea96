import {chmod, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {resolveExecutable} from '../../../src/foundation/platform/index.ts'

let folder = ''
const at = (name: string): string => join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tc-exec-'))
  await mkdir(at('first'))
  await mkdir(at('second'))
  await mkdir(at('first/tool'))
  await writeFile(at('second/tool'), 'binary')
  await chmod(at('second/tool'), 0o755)
  await writeFile(at('plain'), 'x')
  await writeFile(at('lost'), '#!/nowhere/python\n')
  await writeFile(at('enved'), '#!/usr/bin/env no-such-interpreter -x\n')
  await writeFile(at('good'), '#!/usr/bin/env sh\n')
  for (const name of ['lost', 'enved', 'good']) await chmod(at(name), 0o755)
  await symlink(at('good'), at('linked'))
})
afterAll(() => rm(folder, {recursive: true}))

const find = (name: string, path = `${at('first')}:${at('second')}:/usr/bin:/bin`) =>
  resolveExecutable({name, env: {PATH: path}, cwd: folder})

it('looks names up in PATH, past folders of that name, and paths from the working directory', async () => {
  expect(await find('tool')).toEqual({found: true, path: at('second/tool')})
  expect(await find('./good')).toEqual({found: true, path: at('good')})
  expect(await find(at('linked'))).toEqual({found: true, path: at('linked')})
  expect(await find('good', ':/usr/bin')).toEqual({found: true, path: at('good')})
})

it.each([
  ['absent', 'not_found', /"absent" is not found in PATH/],
  ['./absent', 'not_found', /does not exist/],
  ['./first', 'is_directory', /is a directory/],
  ['./lost', 'interpreter_missing', /"\/nowhere\/python"/],
  ['./enved', 'interpreter_missing', /"no-such-interpreter".*PATH/],
])('says why %s cannot run', async (name, problem, message) => {
  expect(await find(name)).toMatchObject({found: false, problem, message: expect.stringMatching(message)})
})

it('says that a file without the execute bit is one', async () => {
  expect(await find('./plain')).toMatchObject({found: false, problem: 'not_executable'})
  expect(await find('plain', folder)).toMatchObject({found: false, problem: 'not_executable'})
})
