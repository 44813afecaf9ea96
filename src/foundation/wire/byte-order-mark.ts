// A UTF-8 byte order mark in front of a JSON text. Writers must not add one, but .NET and PowerShell do, and RFC 8259 §8.1
// lets readers ignore it.

const [FIRST, SECOND, THIRD] = [0xef, 0xbb, 0xbf]

/** `buf` without a byte order mark at its start; a view, not a copy. */
export function withoutByteOrderMark(buf: Buffer): Buffer {
  return buf[0] === FIRST && buf[1] === SECOND && buf[2] === THIRD ? buf.subarray(3) : buf
}
