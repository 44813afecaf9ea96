import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {splitArgv} from '../../../../src/foundation/platform/text/argv-split.ts'

describe('splitArgv', () => {
  it.each([
    ['node server.js', ['node', 'server.js']],
    ['  node\t\tserver.js\r\n --x ', ['node', 'server.js', '--x']],
    [`node 'a b' "c d"`, ['node', 'a b', 'c d']],
    [`node pre'a b'"c d"post`, ['node', 'prea bc dpost']],
    [`node 'it\\'s`.replace(`\\'s`, `\\' s`), ['node', 'it\\', 's']],
    [`node "say \\"hi\\" \\\\ \\n"`, ['node', 'say "hi" \\ n']],
    [`node a\\ b \\"q\\" \\'`, ['node', 'a b', '"q"', `'`]],
    [`node "" '' x`, ['node', 'x']],
    [`node ""x''`, ['node', 'x']],
    [`node "'" '"'`, ['node', `'`, '"']],
    ['node $HOME *.js | cat && x > y', ['node', '$HOME', '*.js', '|', 'cat', '&&', 'x', '>', 'y']],
    ['node caf\u00e9 "\u{1f600} x" \\\u{1f600}', ['node', 'caf\u00e9', '\u{1f600} x', '\u{1f600}']],
    [`C:\\\\tools\\\\mcp.exe --dir 'C:\\Program Files\\x'`, ['C:\\tools\\mcp.exe', '--dir', 'C:\\Program Files\\x']],
  ])('splits %j', (command, argv) => {
    expect(splitArgv(command)).toEqual({ok: true, argv})
  })

  it.each([
    ['', 'command is empty'],
    [' \t\n', 'command is empty'],
    [`"" ''`, 'command is empty'],
    ['node \\', 'unterminated escape sequence'],
    ['node \\ ', 'unterminated escape sequence'],
    ['node "a\\', 'unterminated escape sequence'],
    ['node "a', 'unterminated quoted string'],
    [`node 'a\\`, 'unterminated quoted string'],
    [`node "a'`, 'unterminated quoted string'],
  ])('refuses %j', (command, problem) => {
    expect(splitArgv(command)).toEqual({ok: false, problem})
  })

  it('gives back any words that were put into single quotes', () => {
    const word = fc.string({minLength: 1}).filter((text) => !text.includes("'"))
    fc.assert(
      fc.property(fc.array(word, {minLength: 1}), (words) => {
        const command = words.map((text) => `'${text}'`).join(' ')
        expect(splitArgv(command)).toEqual({ok: true, argv: words})
      }),
    )
  })
})
