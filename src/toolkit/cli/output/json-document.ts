// The one way a command prints JSON: the reference's style, so that scripts comparing bytes keep working.

/** Two-space indent, line break at the end, `<`, `>`, `&`, U+2028 and U+2029 escaped as Go's encoder does. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? 'null'
  return `${text.replaceAll(/[<>&\u2028\u2029]/g, (unsafe) => `\\u${unsafe.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

/** A result as a document: objects get `schema_version` in front unless they carry one; arrays and scalars stay bare. */
export function jsonDocument(result: unknown): string {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return jsonText(result)
  return jsonText('schema_version' in result ? result : {schema_version: 1, ...result})
}
