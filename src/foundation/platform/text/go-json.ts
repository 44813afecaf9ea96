// JSON as the reference writes it, so that files and output compare byte for byte.

import {printableJson} from './printable.ts'

/** Two-space indent, line break at the end; `<`, `>`, `&` are escaped as Go's encoder does, and what a terminal would obey. */
export function goJson(value: unknown): string {
  return `${printableJson(value, 2).replaceAll(/[<>&]/g, (unsafe) => `\\u${unsafe.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}
