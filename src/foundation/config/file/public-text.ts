// A configuration file as it may be shown: somebody may have written a key into it, although it should hold references.

import type {Node, Pair, Scalar} from 'yaml'
import {withoutSecrets} from '../redact.ts'
import {CONFIG_ROWS} from '../rows/index.ts'

const SHOWN = '[redacted]'
const SECRET_KEYS = CONFIG_ROWS.filter(({secret, yaml}) => secret && yaml !== null).map(({key}) => key)

/** The text with literal secrets replaced; everything else, comments included, stays as it is. */
export async function publicText(text: string): Promise<string> {
  const yaml = await import('yaml')
  const spans: {readonly from: number; readonly to: number}[] = []
  const document = yaml.parseDocument(text, {prettyErrors: false, uniqueKeys: false})
  // What cannot be understood may hold anything anywhere.
  if (document.errors.length > 0) return guessed(text)
  yaml.visit(document, {
    Scalar: (at, node, path) => {
      if (at === 'key' || !SECRET_KEYS.some((key) => isWithin(keyOf(path), key)) || isReference(node)) return
      const [from, to] = node.range ?? [0, 0]
      spans.push({from, to})
    },
  })
  let shown = text
  for (const {from, to} of spans.toSorted((a, b) => b.from - a.from)) {
    shown = `${shown.slice(0, from)}${SHOWN}${shown.slice(to)}`
  }
  return linewise(shown)
}

const isReference = (node: Scalar): boolean => /^\s*(?:env|file):/i.test(String(node.value))
const isWithin = (path: string, key: string): boolean => path === key || path.startsWith(`${key}.`)

/** `control_plane.api_key` of the nodes above a scalar. */
function keyOf(path: readonly unknown[]): string {
  return path
    .filter((part): part is Pair<Node> => typeof part === 'object' && part !== null && 'key' in part)
    .map(({key}) => String((key as Scalar).value))
    .join('.')
}

/** Each line for itself, so that nothing is taken for a secret because of what stands lines above it. */
const linewise = (text: string): string =>
  text
    .split('\n')
    .map((line) => (/^\s*#/.test(line) || /:\s*["']?(?:env|file):/i.test(line) ? line : withoutSecrets(line)))
    .join('\n')

const guessed = (text: string): string =>
  linewise(text).replaceAll(/^(\s*(?:api_key|[\w-]*headers?)\s*:\s*)(?!["']?(?:env|file):)\S.*$/gim, `$1${SHOWN}`)
