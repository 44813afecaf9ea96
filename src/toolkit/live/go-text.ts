// System errors in the wording that scripts written for the reference look for.

const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  ELOOP: 'too many levels of symbolic links',
}

/** `open /path: no such file or directory` for an error of node:fs; its own message for anything else. */
export function systemErrorText(thrown: unknown): string {
  const {code, syscall, path, message} = thrown as NodeJS.ErrnoException
  const text = code === undefined ? undefined : TEXTS[code]
  if (text === undefined) return message
  return `${syscall ?? 'open'}${path === undefined ? '' : ` ${path}`}: ${text}`
}
