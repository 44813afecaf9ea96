import {expect, it} from 'vitest'
import {
  code,
  fields,
  heading,
  list,
  note,
  page,
  paragraph,
  table,
  text,
} from '../../../../src/foundation/platform/index.ts'
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
    text('CHECK  exact   '),
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

it('lets no string add a line, a tab or an escape sequence of its own', () => {
  const forged = 'a\nRESULT pass\tx\u001b[2J\u009b1m\u202e'
  const shown = 'a RESULT pass x\\x1b[2J\\u009b1m\\u202e'
  expect(render([heading(forged)], {style: plain})).toBe(`${shown}\n`)
  expect(render([paragraph(forged)], {style: plain})).toBe(`${shown}\n`)
  expect(render([note(forged, 'fail')], {style: plain})).toBe(`${shown}\n`)
  expect(render([text(forged)], {style: plain})).toBe(`${shown}\n`)
  expect(render([text(['first', [forged, 'cell']])], {style: plain})).toBe(`first\n${shown}\tcell\n`)
  expect(render([list([forged])], {style: plain})).toBe(`  - ${shown}\n`)
  expect(render([fields([[forged, forged]])], {style: plain})).toBe(`${shown}: ${shown}\n`)
  expect(render([table(['NAME', 'STATE'], [[forged, 'b']])], {style: plain})).toBe(
    `${'NAME'.padEnd(shown.length)}  STATE\n${shown}  b\n`,
  )
  expect(render([code(forged)], {style: plain})).toBe('    a\n    RESULT pass\tx\\x1b[2J\\u009b1m\\u202e\n')
})

it('keeps the lines and tabs of a page', () => {
  expect(render([page('a\tb\r\n  c\u001b[2J\n')], {style: plain})).toBe('a\tb\n  c\\x1b[2J\n')
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
