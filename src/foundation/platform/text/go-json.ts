// JSON as the reference writes it, so that files and output compare byte for byte.

/** Two-space indent, line break at the end, `<`, `>`, `&`, U+2028 and U+2029 escaped as Go's encoder does. */
export function goJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? 'null'
  return `${text.replaceAll(/[<>&\u2028\u2029]/g, (unsafe) => `\\u${unsafe.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}
