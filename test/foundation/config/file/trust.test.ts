import {chownSync, mkdirSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import {needs, ROOT} from '../../../support/parts.ts'
import {folder, load, problemsOf, put} from '../loading.ts'

const NOBODY = 65_534

describe('a named profile', () => {
  it('is read through a relative link that stays in its folder, which may be a link itself', async () => {
    mkdirSync(join(folder, 'real'))
    symlinkSync('real', join(folder, 'profiles'))
    put('real/shared.yaml', 'log: {level: info}\n')
    symlinkSync('shared.yaml', join(folder, 'real', 'here.yaml'))
    const {source} = await load({flags: {profile: 'here', 'profile-dir': join(folder, 'profiles')}})
    expect(source).toMatchObject({kind: 'profile', path: join(folder, 'profiles', 'here.yaml')})
  })

  it('is not read through a link that leads out of its folder; --profile-file reads the file', async () => {
    mkdirSync(join(folder, 'named'))
    const target = put('outside.yaml', 'log: {level: info}\n')
    const path = join(folder, 'named', 'there.yaml')
    symlinkSync('../outside.yaml', path)
    expect(await problemsOf({flags: {profile: 'there', 'profile-dir': join(folder, 'named')}})).toMatchObject([
      {code: 'TC-CONFIG-FILE-UNREADABLE', message: `read config file ${path}: open ${path}: path escapes from parent`},
    ])
    await load({flags: {'profile-file': target}})
  })
})

describe('a file of another user', () => {
  beforeEach(needs(ROOT))

  it('is refused when it holds the key itself, and read when it refers to one', async () => {
    const path = join(folder, put('theirs.yaml', 'control_plane:\n  api_key: literal-key\n'))
    chownSync(path, NOBODY, NOBODY)
    expect(await problemsOf({flags: {config: path}})).toEqual([
      {
        code: 'TC-FILE-UNSAFE',
        message: `read config file ${path}: it holds a key, and ${path} belongs to user ${NOBODY}, not to this user`,
        origin: `${path}:2`,
        next: [
          `If its content is yours: chown 0 ${path}; else remove it or choose another path`,
          'Or write api_key: env:NAME or file:PATH there instead of the key',
        ],
        check: 'profile_load',
      },
    ])
    put('theirs.yaml', 'control_plane:\n  api_key: env:CONTROL_PLANE_API_KEY\n')
    await load({flags: {config: path}})
  })
})
