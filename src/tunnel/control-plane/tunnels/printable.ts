// What a service says must not steer a terminal.

/** One line without control characters; blanks around it are dropped. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
}
