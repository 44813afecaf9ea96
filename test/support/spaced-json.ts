// Arbitrary JSON as text with arbitrary white space, escapes and number spellings: what a payload may look like on the wire.

import fc from 'fast-check'

const space = fc.string({unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 2})

const number = fc.oneof(
  fc.constantFrom(
    '9007199254740993',
    '1.0',
    '-0',
    '1e3',
    '1E-2',
    '9223372036854775808',
    '0.10',
    '123456789012345678901234567890',
  ),
  fc.double({noNaN: true, noDefaultInfinity: true}).map((value) => JSON.stringify(value)),
)

const escaped = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\\"',
        '\\\\',
        '\\/',
        '\\n',
        '\\u2028',
        '\\uD83D\\uDE00',
        '\\u0000',
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '\u2028',
      ),
      fc.string({unit: 'grapheme', maxLength: 4}).map((text) => JSON.stringify(text).slice(1, -1)),
      // Long enough to leave the byte-by-byte part of the scanner.
      fc.integer({min: 40, max: 120}).map((length) => 'x'.repeat(length)),
    ),
    {maxLength: 8},
  )
  .map((parts) => `"${parts.join('')}"`)

const scalar = fc.oneof(number, escaped, fc.constantFrom('true', 'false', 'null'))

/** JSON text. `JSON.parse` accepts all of it. */
export const spacedJson: fc.Arbitrary<string> = fc.letrec<{value: string}>((tie) => ({
  value: fc.oneof(
    {maxDepth: 4, depthSize: 'small'},
    scalar,
    fc
      .tuple(space, fc.array(fc.tuple(tie('value'), space, space), {maxLength: 4}))
      .map(([lead, items]) => `[${lead}${items.map(([item, before, after]) => `${before}${item}${after}`).join(',')}]`),
    fc
      .tuple(space, fc.array(fc.tuple(escaped, space, tie('value'), space), {maxLength: 4}))
      .map(
        ([lead, members]) =>
          `{${lead}${members.map(([key, before, value, after]) => `${before}${key}${after}:${before}${value}${after}`).join(',')}}`,
      ),
  ),
})).value
