// JSON from somebody else's output.

/** The JSON value of a text, or of its last part when something was printed in front of it; undefined when there is none. */
export function parsedJson(text: string): unknown {
  const whole = text.trim()
  for (let at = 0; at !== -1; at = nextStart(whole, at)) {
    try {
      return JSON.parse(whole.slice(at))
    } catch {}
  }
  return undefined
}

/** Index of the next line that could begin a document. */
function nextStart(text: string, from: number): number {
  const found = text.slice(from).search(/\n[^\S\n]*[[{]/)
  return found === -1 ? -1 : from + found + 1
}
