// Which of two version folders is newer.

/**
 * Negative when `a` is older than `b`, 0 when neither is. Semantic versions with or without `v`, build metadata ignored;
 * what is no version is neither newer nor older than what is none, and older than any version.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)]
  if (left === null || right === null) return Number(left !== null) - Number(right !== null)
  for (let at = 0; at < Math.max(left.core.length, right.core.length); at += 1) {
    const difference = (left.core[at] ?? 0) - (right.core[at] ?? 0)
    if (difference !== 0) return difference
  }
  if (left.pre.length === 0 || right.pre.length === 0)
    return Number(left.pre.length === 0) - Number(right.pre.length === 0)
  for (let at = 0; at < Math.max(left.pre.length, right.pre.length); at += 1) {
    const difference = comparePart(left.pre[at], right.pre[at])
    if (difference !== 0) return difference
  }
  return 0
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined)
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (left && right) return Number(a) - Number(b)
  if (left !== right) return left ? -1 : 1
  return a < b ? -1 : Number(a > b)
}

function parse(text: string): {core: number[]; pre: string[]} | null {
  const found = /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(text)
  if (found === null) return null
  return {core: found[1]!.split('.').map(Number), pre: found[2]?.split('.') ?? []}
}
