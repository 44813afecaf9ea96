// Event-stream frames around bytes that must not change.

const DATA = Buffer.from('data: ')
const END = Buffer.from('\n\n')
const NEXT_LINE = Buffer.from('\ndata: ')
const BLANK = Buffer.from(' ')

/** A comment: keeps proxies and clients from giving up on a silent stream. */
export const KEEP_ALIVE = Buffer.from(': keep-alive\n\n')

/** What opens a response that is an event stream. */
export const EVENT_STREAM_HEADERS: readonly string[] = [
  'Content-Type',
  'text/event-stream',
  'Cache-Control',
  'no-cache',
]

/**
 * One event. JSON has raw line breaks only between tokens: a line feed becomes a further data line, which readers join
 * with a line feed again; a carriage return, which no event can carry, becomes a blank.
 */
export function sseEvent(json: Buffer): Buffer {
  if (json.indexOf(0x0a) < 0 && json.indexOf(0x0d) < 0) return Buffer.concat([DATA, json, END])
  const parts: Buffer[] = [DATA]
  let from = 0
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (byte !== 0x0a && byte !== 0x0d) continue
    parts.push(json.subarray(from, i), byte === 0x0a ? NEXT_LINE : BLANK)
    from = i + 1
  }
  parts.push(json.subarray(from), END)
  return Buffer.concat(parts)
}

const USUAL_ACCEPT = 'application/json, text/event-stream'

/** True when an `Accept` header lists `text/event-stream` and does not rule it out with `q=0`. */
export function acceptsEventStream(accept: string | undefined): boolean {
  if (accept === undefined) return false
  if (accept === USUAL_ACCEPT) return true
  return accept.split(',').some((range) => {
    const [type, ...params] = range.split(';').map((part) => part.trim().toLowerCase())
    return type === 'text/event-stream' && !params.some((param) => /^q=0(?:\.0*)?$/.test(param))
  })
}
