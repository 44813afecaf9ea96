// Did you mean …? For words of the command line.

/** Candidates at most two edits away from `word`, or that begin with it; the nearest first, three at most. */
export function nearest(word: string, candidates: readonly string[]): string[] {
  return candidates
    .map((name) => ({name, far: name.startsWith(word) && word.length > 1 ? 0 : distance(word.toLowerCase(), name)}))
    .filter(({name, far}) => far <= Math.min(2, Math.floor(Math.max(word.length, name.length) / 2)))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({name}) => name)
}

/** Levenshtein distance, one row at a time. */
function distance(from: string, to: string): number {
  let row = Array.from({length: to.length + 1}, (_, at) => at)
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const swap = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}
