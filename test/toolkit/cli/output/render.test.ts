import {expect, it} from 'vitest'
import {code, fields, heading, list, note, paragraph, table, text} from '../../../../src/foundation/platform/index.ts'
import {render} from '../../../../src/toolkit/cli/output/render.ts'
import {createStyle, wantsColour} from '../../../../src/toolkit/cli/output/style.ts'

const plain = createStyle({colour: false})

it('draws every block, with one blank line between those that do not stack', () => {
  const blocks = [
    heading('Tunnels'),
    table(
      ['name', 'state'],
      [
        ['a', 'ready'],
        ['longer', ''],
      ],
    ),
    list(['one', 'two'], {ordered: true}),
    fields([
      ['Id', '7'],
      ['Base URL', 'http://x'],
    ]),
    note('fine', 'ok'),
    note('careful', 'warn'),
    text('CHECK  exact   \n'),
    code('tunnel-client run'),
    paragraph('The end.'),
  ]
  expect(render(blocks, {style: plain})).toBe(
    [
      'Tunnels',
      'name    state',
      'a       ready',
      'longer',
      '',
      '  1. one',
      '  2. two',
      '',
      'Id:       7',
      'Base URL: http://x',
      '',
      'fine',
      'careful',
      'CHECK  exact   ',
      '',
      '    tunnel-client run',
      '',
      'The end.',
      '',
    ].join('\n'),
  )
})

it('wraps running text to the terminal and keeps long words whole', () => {
  expect(render([paragraph('one two https://example.com/a/long/address three')], {style: plain, columns: 10})).toBe(
    'one two\nhttps://example.com/a/long/address\nthree\n',
  )
  expect(render([list(['aaa bbb ccc'])], {style: plain, columns: 10})).toBe('  - aaa\n    bbb\n    ccc\n')
})

it('colours a terminal and never a pipe', () => {
  const painted = render([note('broken', 'fail')], {style: createStyle({colour: true})})
  expect(painted).toContain('\u001b[31m')
  expect(wantsColour({env: {}, stream: {isTTY: false}})).toBe(false)
  expect(wantsColour({env: {}, stream: {isTTY: true}})).toBe(true)
  expect(wantsColour({env: {NO_COLOR: '1'}, stream: {isTTY: true}})).toBe(false)
  expect(wantsColour({env: {TERM: 'dumb'}, stream: {isTTY: true}})).toBe(false)
  expect(wantsColour({env: {FORCE_COLOR: '1'}, stream: {isTTY: false}})).toBe(true)
})
