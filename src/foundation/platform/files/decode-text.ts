// Text files as editors and shells leave them: UTF-8 with or without a byte order mark, or UTF-16 with one, which is what `>`
// writes in PowerShell 5.1.

/** The text, or what the bytes are instead. */
export type DecodedText = {readonly ok: true; readonly text: string} | {readonly ok: false; readonly problem: string}

/** So many bytes show whether every second one is zero. */
const SAMPLE = 64

/** Decodes a whole file; a byte order mark is not part of the text. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [encoding, label] = encodingOf(bytes)
  if (encoding === null) return {ok: false, problem: `the file is ${label}; save it as UTF-8`}
  try {
    return {ok: true, text: new TextDecoder(encoding, {fatal: true}).decode(bytes)}
  } catch {
    return {ok: false, problem: `the file is not ${label} text`}
  }
}

function encodingOf(bytes: Uint8Array): readonly [encoding: string | null, label: string] {
  const [a, b, c, d] = bytes
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? [null, 'UTF-32 text'] : ['utf-16le', 'UTF-16']
  if (a === 0xfe && b === 0xff) return ['utf-16be', 'UTF-16']
  return looksLikeUtf16(bytes) ? [null, 'UTF-16 text without a byte order mark'] : ['utf-8', 'UTF-8']
}

/** Words of most languages have a zero in every second byte there, and a UTF-8 text has none. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, SAMPLE)
  const zeros = [0, 0]
  sample.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2]! += 1
  })
  return sample.length >= 2 && Math.max(...zeros) > sample.length / 4
}
