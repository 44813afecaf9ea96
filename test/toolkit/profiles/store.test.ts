import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type ProfileStore, profileStore} from '../../../src/toolkit/profiles/index.ts'

let home = ''
let store: ProfileStore
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'profile store '))
  store = profileStore({env: {HOME: home}})
})
afterEach(() => rmSync(home, {recursive: true, force: true}))

describe('the folder', () => {
  it.each([
    [{dir: '~/p', env: {HOME: '/h', XDG_CONFIG_HOME: '/x'}}, '/h/p'],
    [{dir: ' ', env: {HOME: '/h', TUNNEL_CLIENT_PROFILE_DIR: '/t/../p'}}, '/p'],
    [{env: {HOME: '/h', XDG_CONFIG_HOME: '/x'}}, '/x/tunnel-client'],
    [{env: {HOME: '/h', XDG_CONFIG_HOME: ' '}}, '/h/.config/tunnel-client'],
  ])('%j is %s', (options, dir) => expect(profileStore(options).dir).toBe(dir))
})

describe('names', () => {
  it.each(['', '.', '..', 'a/b', 'a\\b', '-a', '.a', 'a b', 'ä', 'x'.repeat(129), '../x'])('refuses %j', (name) =>
    expect(() => store.path(name)).toThrow(/profile name/),
  )
  it.each(['a', 'A.b-c_1', '0', 'x'.repeat(128)])('takes %j', (name) =>
    expect(store.path(name)).toBe(join(home, '.config', 'tunnel-client', `${name}.yaml`)),
  )
})

describe('profiles', () => {
  it('are written once, privately, and replaced only when told', async () => {
    const path = await store.write({name: 'demo', data: 'one'})
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(store.dir).mode & 0o777).toBe(0o700)
    await expect(store.write({name: 'demo', data: 'two'})).rejects.toMatchObject({
      code: 'TC-PROFILE-EXISTS',
      message: 'profile "demo" already exists; pass --force to replace it',
    })
    expect(readFileSync(path, 'utf8')).toBe('one')
    chmodSync(path, 0o644)
    await store.write({name: 'demo', data: 'two', force: true})
    expect(readFileSync(path, 'utf8')).toBe('two')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('keep a relative link inside the folder, which may itself be a link', async () => {
    mkdirSync(join(home, 'elsewhere'))
    mkdirSync(join(store.dir, '..'), {recursive: true})
    symlinkSync(join(home, 'elsewhere'), store.dir)
    writeFileSync(join(store.dir, 'shared.yaml'), 'old')
    symlinkSync('shared.yaml', store.path('linked'))
    await store.write({name: 'linked', data: 'new', force: true})
    expect(readFileSync(join(home, 'elsewhere', 'shared.yaml'), 'utf8')).toBe('new')
    expect((await store.read('linked')).toString()).toBe('new')
    expect((await store.list()).map(({name}) => name)).toEqual(['linked', 'shared'])
  })

  it.each([
    ['an absolute link', (name: string) => join(home, name)],
    ['a link that leads out', (name: string) => join('..', '..', name)],
    ['a link through a folder that leads out', (name: string) => join('out', name)],
  ])('are neither read nor written through %s', async (_, to) => {
    mkdirSync(store.dir, {recursive: true})
    symlinkSync(home, join(store.dir, 'out'))
    writeFileSync(join(home, 'dotfile'), 'old')
    symlinkSync(to('dotfile'), store.path('linked'))
    const refusal = {
      code: 'TC-PROFILE-FILE',
      message: expect.stringContaining(`${store.path('linked')} is a link that leads out of ${store.dir}`),
      next: ['Put the file itself there, or name it with --profile-file'],
    }
    await expect(store.read('linked')).rejects.toMatchObject(refusal)
    await expect(store.write({name: 'linked', data: 'new', force: true})).rejects.toMatchObject(refusal)
    expect(readFileSync(join(home, 'dotfile'), 'utf8')).toBe('old')
  })

  it('are listed by name, and nothing else is', async () => {
    expect(await store.list()).toEqual([])
    await store.write({name: 'b', data: ''})
    await store.write({name: 'a', data: ''})
    for (const file of ['.a.1234.yaml', 'notes.txt', 'b c.yaml', 'a.yml']) writeFileSync(join(store.dir, file), '')
    mkdirSync(join(store.dir, 'dir.yaml'))
    expect(await store.list()).toEqual(['a', 'b'].map((name) => ({name, path: store.path(name)})))
  })

  it('that are not there are named with the nearest one', async () => {
    await store.write({name: 'production', data: ''})
    for (const ask of [() => store.read('prodution'), () => store.remove('prodution')]) {
      await expect(ask()).rejects.toMatchObject({
        code: 'TC-PROFILE-MISSING',
        next: ['Did you mean production?', 'List them with tunnel-client profiles list'],
      })
    }
  })

  it('are removed', async () => {
    const path = await store.write({name: 'demo', data: ''})
    expect(await store.remove('demo')).toBe(path)
    expect(await store.has('demo')).toBe(false)
  })
})

describe('a folder that cannot be used', () => {
  it('is named, with the reason', async () => {
    writeFileSync(join(home, 'file'), '')
    const broken = profileStore({env: {HOME: home}, dir: join(home, 'file')})
    await expect(broken.write({name: 'a', data: ''})).rejects.toMatchObject({
      code: 'TC-PROFILE-FILE',
      message: expect.stringMatching(/^write profile .*file\/a\.yaml: (not a directory|file already exists)$/),
    })
    await expect(broken.list()).rejects.toMatchObject({message: expect.stringContaining('not a directory')})
  })

  it.each([[true], [false]])('holds a folder where the file should be (force %s)', async (force) => {
    mkdirSync(store.path('a'), {recursive: true})
    await expect(store.write({name: 'a', data: '', force})).rejects.toMatchObject({
      code: force ? 'TC-PROFILE-FILE' : 'TC-PROFILE-EXISTS',
    })
    await expect(store.read('a')).rejects.toMatchObject({code: 'TC-PROFILE-FILE'})
  })
})
