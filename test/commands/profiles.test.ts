// The `profiles` commands as people and scripts call them.

import {chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {runCli} from '../support/cli.ts'

const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'
let home = ''
let dir = ''
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'profiles home '))
  dir = join(home, '.config', 'tunnel-client')
  const args = ['init', '--profile', 'demo', '--tunnel-id', TUNNEL, '--mcp-server-url', 'http://127.0.0.1:3001/mcp']
  expect((await profile(...args)).status).toBe(0)
})
afterEach(() => rmSync(home, {recursive: true, force: true}))

const profile = (...args: string[]) => runCli(args, {env: {HOME: home, XDG_CONFIG_HOME: undefined}, cwd: home})
const profiles = (...args: string[]) => profile('profiles', ...args)
const text = (name: string): string => readFileSync(join(dir, `${name}.yaml`), 'utf8')

describe('list, path, show, rm', () => {
  it('print what scripts of the reference read', async () => {
    const path = join(dir, 'demo.yaml')
    expect(await profiles('list')).toEqual({status: 0, stdout: `demo\t${path}\n`, stderr: ''})
    expect(JSON.parse((await profiles('list', '--json')).stdout)).toEqual([{name: 'demo', path}])
    expect((await profiles('path')).stdout).toBe(`${dir}\n`)
    expect((await profiles('path', 'demo')).stdout).toBe(`${path}\n`)
    expect((await profiles('show', 'demo')).stdout).toBe(text('demo'))
    expect((await profiles('remove', 'demo')).stdout).toBe(`Removed profile demo at ${path}\n`)
    expect((await profiles('list')).stdout).toBe(`No profiles found in ${dir}\n`)
    expect((await profiles('list', '--json')).stdout).toBe('[]\n')
    expect((await profiles('--profile-dir', '/nowhere', 'list')).stdout).toBe('No profiles found in /nowhere\n')
  })

  it('show no key that stands in a profile', async () => {
    writeFileSync(join(dir, 'bad.yaml'), 'control_plane:\n  api_key: literal-key-0123456789\n')
    const shown = await profiles('show', 'bad')
    expect(shown.stdout).toBe('control_plane:\n  api_key: [redacted]\n')
    expect(JSON.parse((await profiles('show', 'bad', '--json')).stdout).yaml).toBe(shown.stdout)
  })

  it.each([['show'], ['rm'], ['validate']])('%s refuses what is not there, with the nearest name', async (verb) => {
    const {status, stderr} = await profiles(verb, 'dmeo')
    expect(status).toBe(1)
    expect(stderr).toContain(`profile "dmeo" does not exist in ${dir}. Next: Did you mean demo?`)
  })
})

describe('add', () => {
  it('copies a file byte by byte, and warns of what run would say', async () => {
    writeFileSync(join(home, 'mine.yaml'), '# ä\r\nconfig_version: 1\r\n')
    const {status, stdout} = await profiles('add', 'copy', '--from-file', 'mine.yaml')
    expect(status).toBe(0)
    expect(stdout).toContain(`Added profile copy at ${join(dir, 'copy.yaml')}\n`)
    expect(stdout).toContain('Warning: run will refuse this profile: tunnel ID is required')
    expect(text('copy')).toBe('# ä\r\nconfig_version: 1\r\n')
    expect(statSync(join(dir, 'copy.yaml')).mode & 0o777).toBe(0o600)
  })

  it.each<[string[], string]>([
    [[], 'set exactly one of --from-file or --sample'],
    [['--from-file', 'a', '--sample', 'b'], 'set exactly one of --from-file or --sample'],
    [['--from-file', 'nope.yaml'], 'read source profile nope.yaml: open nope.yaml: no such file or directory'],
    [['--from-file', 'broken.yaml'], 'field nope not found'],
    [['--sample', 'sample_mcp_stdio_local', '--mcp-command', 'cat'], 'tunnel ID is required'],
    [['--sample', 'sample_mcp_stdio_local', '--mcp-command', 'cat', '--tunnel-id', 'x'], 'invalid tunnel ID "x"'],
  ])('refuses %j and saves nothing', async (args, problem) => {
    writeFileSync(join(home, 'broken.yaml'), 'nope: 1\n')
    const {status, stderr} = await profiles('add', 'new', ...args)
    expect(status).toBe(1)
    expect(stderr).toContain(problem)
    expect(readdirSync(dir)).toEqual(['demo.yaml'])
  })
})

describe('validate', () => {
  it('is 0 for a profile that run takes, with what this shell lacks', async () => {
    const {status, stdout} = await profiles('validate', 'demo')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^WARN .*"CONTROL_PLANE_API_KEY" is not set\nProfile demo is valid: /)
    expect((await profiles('validate', 'demo', '--strict')).status).toBe(2)
  })

  it('is 2 with every problem of one that it does not take', async () => {
    writeFileSync(
      join(dir, 'bad.yaml'),
      `control_plane: {tunnel_id: x, api_key: k}\nmcp: {commands: [{command: "'"}]}\n`,
    )
    const {status, stdout, stderr} = await profiles('validate', 'bad', '--json')
    expect({status, stderr}).toEqual({status: 2, stderr: ''})
    expect(JSON.parse(stdout)).toMatchObject({
      profile: 'bad',
      result: 'fail',
      problems: [
        {status: 'fail', code: 'TC-CONFIG-TUNNEL-ID-INVALID', origin: expect.stringContaining('bad.yaml:1')},
        {status: 'fail', code: 'TC-CONFIG-MCP-ENTRY', message: 'invalid mcp.command: unterminated quoted string'},
      ],
    })
  })
})

describe('edit', () => {
  /** An editor in a folder with blanks in its name. */
  const editor = (script: string): string => {
    const path = join(home, 'my editor')
    writeFileSync(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
    return `'${path}' --wait`
  }
  const edit = (name: string, env: Record<string, string | undefined>, ...more: string[]) =>
    runCli(['profiles', 'edit', name, ...more], {
      env: {HOME: home, XDG_CONFIG_HOME: undefined, VISUAL: undefined, EDITOR: undefined, ...env},
    })

  it('saves what the editor left, privately', async () => {
    const {status, stdout} = await edit('demo', {EDITOR: 'false', VISUAL: editor(`sed -i s/3001/3002/ "$2"`)})
    expect(status).toBe(0)
    expect(stdout).toContain(`Saved profile demo at ${join(dir, 'demo.yaml')}\n`)
    expect(text('demo')).toContain('127.0.0.1:3002')
    expect(statSync(join(dir, 'demo.yaml')).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir)).toEqual(['demo.yaml'])
  })

  it('keeps a text that is not good, says where, and leaves the profile alone', async () => {
    const before = text('demo')
    const {status, stderr} = await edit('demo', {EDITOR: editor(`echo 'nonsense: "hard work"' >> "$2"`)})
    expect(status).toBe(1)
    expect(text('demo')).toBe(before)
    const [, kept = ''] = /your text is kept in (.*?\.yaml)\. Next/.exec(stderr) ?? []
    expect(stderr).toContain(`profile did not validate; not saving ${join(dir, 'demo.yaml')}: `)
    expect(stderr).toContain('--from-file')
    expect(readFileSync(kept, 'utf8')).toContain('hard work')
    expect(statSync(kept).mode & 0o777).toBe(0o600)
    expect((await profiles('list')).stdout).toBe(`demo\t${join(dir, 'demo.yaml')}\n`)
  })

  it('keeps a text whose editor ended badly, and says where', async () => {
    const {status, stderr} = await edit('demo', {EDITOR: editor(`echo '# half done' >> "$2"; exit 1`)})
    expect(status).toBe(1)
    const [, kept = ''] = /exit status 1; your text is kept in (.*?\.yaml)\. Next/.exec(stderr) ?? []
    expect(readFileSync(kept, 'utf8')).toContain('# half done')
    expect(text('demo')).not.toContain('half done')
  })

  it('keeps a text whose editing was interrupted, and says where', async () => {
    const {status, stderr} = await edit('demo', {EDITOR: editor(`echo '# mine' >> "$2"; kill -INT $PPID; exit 1`)})
    expect(status).toBe(130)
    expect(stderr).toContain('your text is kept in')
    const [, kept = ''] = /your text is kept in (.*?\.yaml)\. Next/.exec(stderr) ?? []
    expect(readFileSync(kept, 'utf8')).toContain('# mine')
  })

  it('starts a new profile from a sample, and does not save it untouched', async () => {
    const untouched = await edit('fresh', {EDITOR: 'true'})
    expect(untouched.status).toBe(1)
    expect(untouched.stderr).toContain('nothing was changed; not saving')
    expect(readdirSync(dir)).toEqual(['demo.yaml'])
    const {status} = await edit('fresh', {EDITOR: editor(`sed -i s/tunnel_0.*0/${TUNNEL}/ "$2"`)})
    expect(status).toBe(0)
    expect(text('fresh')).toContain(TUNNEL)
  })

  it('does not overwrite what somebody else saved in the meantime', async () => {
    const {status, stderr} = await edit('demo', {
      EDITOR: editor(`sed -i s/3001/3002/ "$2"; echo '# theirs' > '${join(dir, 'demo.yaml')}'`),
    })
    expect(status).toBe(1)
    expect(stderr).toContain('was changed by somebody else in the meantime')
    expect(text('demo')).toBe('# theirs\n')
  })

  it.each([
    [{}, 'set VISUAL or EDITOR to edit profiles'],
    [{EDITOR: ' ', VISUAL: ''}, 'set VISUAL or EDITOR to edit profiles'],
    [{EDITOR: 'no-such-editor -x'}, 'run editor "no-such-editor -x": executable file not found'],
    [{EDITOR: 'sh -c "exit 3"'}, 'exit status 3'],
    [{EDITOR: 'sh -c "kill -9 $$"'}, 'ended by SIGKILL'],
    [{EDITOR: '"half'}, 'unterminated quoted string'],
  ])('with %j says what is wrong and leaves nothing behind', async (env, problem) => {
    const {status, stderr} = await edit('demo', env)
    expect(status).toBe(1)
    expect(stderr).toContain(problem)
    expect(readdirSync(dir)).toEqual(['demo.yaml'])
  })

  it('tells one document, also when it fails', async () => {
    const fine = await edit('demo', {EDITOR: 'true'}, '--json')
    expect(JSON.parse(fine.stdout)).toMatchObject({profile: 'demo', path: join(dir, 'demo.yaml')})
    const bad = await edit('demo', {EDITOR: 'false'}, '--json')
    expect(JSON.parse(bad.stdout).error.code).toBe('TC-PROFILE-EDITOR')
  })
})

describe('samples', () => {
  it('are listed and shown', async () => {
    const {stdout} = await profiles('samples', 'list')
    expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual([
      'sample_mcp_enterprise_proxy',
      'sample_mcp_remote_no_auth',
      'sample_mcp_stdio_local',
      'sample_mcp_with_dcr',
      '',
    ])
    expect(JSON.parse((await profiles('samples', 'list', '--json')).stdout)).toHaveLength(4)
    const shown = await profiles('samples', 'show', 'sample_mcp_with_dcr')
    for (const part of ['Sample: ', 'Summary: ', 'Use when: ', 'Required:\n', 'Optional:\n', 'Notes:\n', '\n\n# '])
      expect(shown.stdout).toContain(part)
    expect(shown.stdout).toContain('control_plane:\n')
    const json = JSON.parse((await profiles('samples', 'show', 'sample_mcp_with_dcr', '--json')).stdout)
    expect(shown.stdout.endsWith(json.yaml)).toBe(true)
    expect((await profiles('samples', 'show', 'nope')).stderr).toContain('run `tunnel-client profiles samples list`')
  })
})
