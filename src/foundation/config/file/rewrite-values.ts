// Changes single values of a configuration file in its text, so that comments, order and style stay.

import type {Pair, Scalar} from 'yaml'

/** The text with each text value replaced by what `rewrite` makes of it; a text that is not YAML is returned unchanged. */
export async function rewriteValues(text: string, rewrite: (key: string, value: string) => string): Promise<string> {
  const yaml = await import('yaml')
  const document = yaml.parseDocument(text, {prettyErrors: false, uniqueKeys: false})
  if (document.errors.length > 0) return text
  const changes: {readonly from: number; readonly to: number; readonly value: string}[] = []
  yaml.visit(document, {
    Scalar: (at, node, path) => {
      // A block scalar is not a path; replacing it would have to keep its indentation.
      if (at === 'key' || typeof node.value !== 'string' || node.type?.startsWith('BLOCK')) return
      const value = rewrite(keyOf(path), node.value)
      if (value !== node.value) changes.push({from: node.range![0], to: node.range![1], value})
    },
  })
  return changes
    .toSorted((a, b) => b.from - a.from)
    .reduce((all, {from, to, value}) => `${all.slice(0, from)}${JSON.stringify(value)}${all.slice(to)}`, text)
}

/** `mcp.commands.command` of the nodes above a scalar. */
function keyOf(path: readonly unknown[]): string {
  return path
    .filter((part): part is Pair => typeof part === 'object' && part !== null && 'key' in part)
    .map(({key}) => String((key as Scalar).value))
    .join('.')
}
