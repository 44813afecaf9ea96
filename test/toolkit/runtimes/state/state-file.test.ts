import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {changeState, readStateFile, type StateRoot, stateRootAt} from '../../../../src/toolkit/runtimes/index.ts'
import {changeRecords, readRecords} from '../../../../src/toolkit/runtimes/state/records.ts'

let folder = ''
let root: StateRoot
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-file-'))
  root = stateRootAt(join(folder, 'root'))
})
afterEach(() => rmSync(folder, {recursive: true}))

test('reading makes nothing', async () => {
  expect(await readStateFile(root.aliasesFile)).toEqual({})
  expect(await readRecords(root)).toEqual({aliases: {}, processes: {}})
  expect(readdirSync(folder)).toEqual([])
})

test('what cannot be read is named in the words of the reference', async () => {
  mkdirSync(root.path)
  for (const text of ['', 'docs: {', '[]', '"x"', '{"docs": 1}', '{"docs": {"tunnel_id": 1}}']) {
    writeFileSync(root.aliasesFile, text)
    await expect(readRecords(root)).rejects.toMatchObject({
      code: 'TC-STATE-FILE',
      message: `state file ${root.aliasesFile} is not valid JSON-compatible YAML; repair or remove it`,
    })
  }
  writeFileSync(root.aliasesFile, 'null')
  expect((await readRecords(root)).aliases).toEqual({})
})

test('files are written as the reference writes them: sorted, indented, private, escaped', async () => {
  await changeRecords(root, 'b', () => ({
    alias: {alias: 'b', tunnel_id: 't', name: '<b>&', description: '', tenant_ids: []},
  }))
  await changeRecords(root, 'a', () => ({alias: {alias: 'a', tunnel_id: '', name: ''}}))
  expect(readFileSync(root.aliasesFile, 'utf8')).toBe(
    '{\n  "a": {\n    "alias": "a",\n    "tunnel_id": "",\n    "name": ""\n  },\n' +
      '  "b": {\n    "alias": "b",\n    "tunnel_id": "t",\n    "name": "\\u003cb\\u003e\\u0026"\n  }\n}\n',
  )
  expect(statSync(root.aliasesFile).mode & 0o777).toBe(0o600)
})

test('members of others and names that objects inherit survive', async () => {
  mkdirSync(root.path)
  writeFileSync(
    root.aliasesFile,
    '{"__proto__": {"alias": "p", "x": [1]}, "constructor": {"tunnel_id": "c", "name": "n"}}',
  )
  const {aliases} = await readRecords(root)
  expect(Object.keys(aliases)).toEqual(['__proto__', 'constructor'])
  await changeRecords(root, 'constructor', ({alias}) => ({alias: {...alias!, name: 'new'}}))
  await changeRecords(root, 'toString', ({alias, process}) => {
    expect([alias, process]).toEqual([null, null])
    return {alias: null}
  })
  const text = readFileSync(root.aliasesFile, 'utf8')
  expect(text).toContain('"__proto__"')
  expect(text).toContain('"x": [')
  expect(text).toContain('"name": "new"')
})

test('twenty writers at once lose nothing and leave nothing', async () => {
  const names = Array.from({length: 20}, (_, at) => `alias-${at}`)
  await Promise.all(
    names.map((name) => changeRecords(root, name, () => ({alias: {alias: name, tunnel_id: name, name}}))),
  )
  expect(Object.keys(JSON.parse(readFileSync(root.aliasesFile, 'utf8'))).toSorted()).toEqual(names.toSorted())
  expect(readdirSync(root.path).toSorted()).toEqual(['aliases.yaml', 'configs', 'health', 'locks', 'logs'])
})

test('a change that throws writes nothing', async () => {
  const change = changeState(root, async (state) => {
    state.write(root.aliasesFile, {lost: {}})
    throw new Error('no')
  })
  await expect(change).rejects.toThrow('no')
  expect(existsSync(root.aliasesFile)).toBe(false)
})

test('a state root that cannot be made', async () => {
  writeFileSync(root.path, 'a file')
  await expect(changeState(root, () => {})).rejects.toMatchObject({code: 'TC-STATE-WRITE'})
})
