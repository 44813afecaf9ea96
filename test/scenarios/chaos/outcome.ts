// What one caller got, in one word. `right` and `wrong` are answers of the MCP server; everything else is the class of a
// typed failure, or a word for having got none.

/** What the server answers to `key`: the callers know it without asking. The same rule as in servers/counting-server.mjs. */
export const answerTo = (key: string): string =>
  `"${key}" → ключ ✓ 鍵 🗝 ${[...key].reduce((sum, char) => (sum * 31 + char.codePointAt(0)!) >>> 0, 7)}\n`

/** A reply as the caller's connection delivered it. */
export interface RawReply {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** False: the connection broke before the reply was complete. */
  readonly complete: boolean
}

/**
 * One of: `right`; `replaced` (the call's own answer, with U+FFFD for two bytes that were not UTF-8); `wrong` (a result that
 * is not the call's own, or no JSON-RPC answer to it); `twice` (more than one answer); `untyped` (an error that names no cause); or the class of a typed failure: `failure_class` of the error's
 * data, `rpc_error` for an error that the MCP server itself wrote, or the service's error code.
 */
export function outcomeOf(key: string, id: number, reply: RawReply): string {
  const answers = answersIn(reply, id)
  if (answers === null) return reply.complete ? 'wrong' : 'broken'
  if (answers.length > 1) return 'twice'
  const [answer] = answers
  if (answer === undefined) return reply.complete ? 'unanswered' : 'broken'
  if ('result' in answer) return judged(answer.result?.content?.[0]?.text, key)
  const {error} = answer
  if (error?.data?.failure_class !== undefined) return error.data.failure_class
  if (typeof error?.data?.code === 'string') return error.data.code
  if (typeof error?.code === 'string') return error.code
  return error?.message === undefined ? 'untyped' : 'rpc_error'
}

function judged(text: string | undefined, key: string): string {
  const right = answerTo(key)
  if (text === right) return 'right'
  return text === right.replaceAll('ключ', '\ufffd\ufffd') ? 'replaced' : 'wrong'
}

interface Answer {
  readonly id?: unknown
  readonly method?: unknown
  readonly result?: {readonly content?: readonly {readonly text?: string}[]}
  readonly error?: {
    readonly code?: unknown
    readonly message?: string
    readonly data?: {readonly failure_class?: string; readonly code?: unknown}
  }
}

/** The terminal answers in a reply; null when it holds something else. */
function answersIn({contentType, body}: RawReply, id: number): Answer[] | null {
  const texts = contentType.startsWith('text/event-stream')
    ? body
        .split('\n\n')
        .map((event) => event.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : [])))
        .filter((lines) => lines.length > 0)
        .map((lines) => lines.join('\n'))
    : body === ''
      ? []
      : [body]
  const answers: Answer[] = []
  for (const text of texts) {
    let message: Answer
    try {
      message = JSON.parse(text) as Answer
    } catch {
      return null
    }
    if (message.method !== undefined) continue
    // The service's own errors carry no id.
    if ('jsonrpc' in message && message.id !== id) return null
    answers.push(message)
  }
  return answers
}
