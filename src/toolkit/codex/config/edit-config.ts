// Takes our own tables out of a config.toml, or puts one in, without touching another byte. What cannot be done so (our
// table written inline, say) is told, not guessed: the result is read again and compared.

import {isDeepStrictEqual} from 'node:util'
import {pluginKey} from '../codex-home.ts'
import {parseToml, type TomlTable} from './read-config.ts'
import {tomlLines} from './toml-lines.ts'

/** Which tables are ours. */
export interface OurTables {
  readonly marketplace: string
  /** Whether `[marketplaces.<marketplace>]` is ours, too. */
  readonly withMarketplace: boolean
}

/**
 * The text without our tables, and below them. Null when they cannot be taken out line by line, or when the text is no
 * valid TOML.
 */
export async function withoutOurTables(text: string, ours: OurTables): Promise<string | null> {
  const whole = await parsed(text)
  if (whole === null) return null
  const wanted = without(whole, ours)
  if (isDeepStrictEqual(pruned(wanted), pruned(whole))) return text
  const result = await removeTables(text, ours)
  const reread = await parsed(result)
  return reread !== null && isDeepStrictEqual(pruned(reread), pruned(wanted)) ? result : null
}

/**
 * The text with `[plugins."…"] enabled = true`, in the file's own line breaks. Null when the plugin is already mentioned
 * in a form that cannot be replaced, or when the text is no valid TOML.
 */
export async function withOurPlugin(text: string, marketplace: string): Promise<string | null> {
  const whole = await parsed(text)
  if (whole === null) return null
  if (table(table(whole.plugins)[pluginKey(marketplace)]).enabled === true) return text
  const base = await withoutOurTables(text, {marketplace, withMarketplace: false})
  if (base === null) return null
  const eol = /\r\n/.test(base) ? '\r\n' : '\n'
  const gap = base === '' ? '' : base.endsWith('\n') ? eol : `${eol}${eol}`
  const result = `${base}${gap}[plugins."${pluginKey(marketplace)}"]${eol}enabled = true${eol}`
  const reread = await parsed(result)
  return reread !== null && table(table(reread.plugins)[pluginKey(marketplace)]).enabled === true ? result : null
}

/** True when both texts mean the same but for our tables. */
export async function sameButOurs(one: string, other: string, ours: OurTables): Promise<boolean> {
  const [a, b] = await Promise.all([parsed(one), parsed(other)])
  return a !== null && b !== null && isDeepStrictEqual(pruned(without(a, ours)), pruned(without(b, ours)))
}

async function removeTables(text: string, {marketplace, withMarketplace}: OurTables): Promise<string> {
  const ours = [['plugins', pluginKey(marketplace)], ...(withMarketplace ? [['marketplaces', marketplace]] : [])]
  const lines = tomlLines(text)
  const kept: string[] = []
  for (let at = 0; at < lines.length; ) {
    const header = lines[at]!.header
    const path = header === null ? null : await headerPath(header)
    if (path === null || !ours.some((own) => own.every((part, index) => path[index] === part))) {
      kept.push(lines[at]!.text)
      at += 1
      continue
    }
    // Comments and blank lines at the end of a table belong to what follows.
    let next = at + 1
    while (next < lines.length && lines[next]!.header === null) next += 1
    let end = next
    while (end > at + 1 && lines[end - 1]!.idle) end -= 1
    while (kept.length > 0 && /^\s*$/.test(kept.at(-1)!)) kept.pop()
    const rest = lines.slice(end, next).map(({text: line}) => line)
    if (kept.length === 0) while (rest.length > 0 && /^\s*$/.test(rest[0]!)) rest.shift()
    else if (next === lines.length && rest.every((line) => /^\s*$/.test(line))) rest.length = 0
    kept.push(...rest)
    if (rest.length === 0 && kept.length > 0 && next < lines.length)
      kept.push(/\r\n$/.test(lines[at]!.text) ? '\r\n' : '\n')
    at = next
  }
  return kept.join('')
}

/** `a."b.c"` → [`a`, `b.c`]; null for what is no plain table header. */
async function headerPath(header: string): Promise<string[] | null> {
  const root = await parsed(`[${header}]\n`)
  if (root === null) return null
  const path: string[] = []
  for (let here: unknown = root; ; ) {
    const [entry] = Object.entries(table(here))
    if (entry === undefined) return path
    path.push(entry[0])
    here = entry[1]
  }
}

const parsed = (text: string): Promise<TomlTable | null> => parseToml(text).catch(() => null)

const table = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

function without(root: TomlTable, {marketplace, withMarketplace}: OurTables): TomlTable {
  const changed: Record<string, unknown> = {...root}
  if (root.plugins !== undefined) changed.plugins = lacking(root.plugins, pluginKey(marketplace))
  if (withMarketplace && root.marketplaces !== undefined) {
    changed.marketplaces = lacking(root.marketplaces, marketplace)
  }
  return changed
}

const lacking = (parent: unknown, key: string): unknown =>
  Object.fromEntries(Object.entries(table(parent)).filter(([name]) => name !== key))

/** Without the two parents when they are empty: whether an empty table is written down makes no difference. */
function pruned(root: TomlTable): TomlTable {
  const parents = ['plugins', 'marketplaces']
  return Object.fromEntries(
    Object.entries(root).flatMap(([key, value]) => {
      if (!parents.includes(key)) return [[key, value]]
      return Object.keys(table(value)).length > 0 ? [[key, {...table(value)}]] : []
    }),
  )
}
