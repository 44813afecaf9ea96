// Event-stream frames around bytes that must not change.

const DATA = Buffer.from('data: ')
const END = Buffer.from('\n\n')
const LF = 0x0a
const CR = 0x0d
const BLANK = 0x20

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
  if (json.indexOf(LF) < 0 && json.indexOf(CR) < 0) return Buffer.concat([DATA, json, END])
  let lines = 1
  for (let at = json.indexOf(LF); at >= 0; at = json.indexOf(LF, at + 1)) lines++
  const event = Buffer.allocUnsafe(json.length + lines * DATA.length + END.length)
  let to = DATA.copy(event, 0)
  // In place, not line by line into a list: indented answers have a line for each few bytes.
  for (let from = 0; from < json.length; from++) {
    const byte = json[from]!
    event[to++] = byte === CR ? BLANK : byte
    if (byte === LF) to += DATA.copy(event, to)
  }
  END.copy(event, to)
  return event
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
