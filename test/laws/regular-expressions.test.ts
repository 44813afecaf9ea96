import {expect, it} from 'vitest'
import {expressionsIn, verdictOn} from './regular-expressions.ts'
import {sourcesIn} from './sources.ts'

/** Files that build patterns at run time: from names of our own options, escaped, without a repetition. */
const SEEN: readonly string[] = ['src/toolkit/sdk/client/option-names.ts']

it('knows a slow pattern', () => {
  const slow = [
    /([a-z][a-z0-9+.-]*:\/\/)[^/\s"'@]+@/gi,
    /\s+$/,
    /(?:a+)+$/,
    /\/\/.*@/gs,
    /<[^>]*>/g,
    /"(?:[^"\\]|\\.)*"!/,
  ]
  expect(slow.filter((pattern) => verdictOn(pattern) === null)).toEqual([])
  const quick = [/(:\/\/)[^/\s"'@]+@/g, /^\s+/, /<[^<>]*>/g, /^(?:a|b)+$/, /[^/]+$/y]
  expect(quick.map((pattern) => verdictOn(pattern))).toEqual(quick.map(() => null))
})

it('has no pattern that takes more than linear time', {timeout: 300_000}, () => {
  const found = sourcesIn('src', 'commands').flatMap((source) => expressionsIn(source))
  expect(found.length).toBeGreaterThan(100)
  const verdicts = new Map<string, string | null>()
  const slow = found.flatMap(({place, pattern}) => {
    if (pattern === null) return SEEN.includes(place.replace(/:\d+$/, '')) ? [] : [`${place}: not constant`]
    const verdict = verdicts.has(String(pattern)) ? verdicts.get(String(pattern))! : verdictOn(pattern)
    verdicts.set(String(pattern), verdict)
    return verdict === null ? [] : [`${place}: ${pattern}: ${verdict}`]
  })
  expect(
    slow,
    'A peer may choose the text: begin a match only where a fixed text stands, and bound what is repeated',
  ).toEqual([])
})
