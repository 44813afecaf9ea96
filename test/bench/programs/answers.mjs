// What the MCP servers of the bench answer: prepared once for each size, found by the method's name, with no JSON parsed.
//   bench/<bytes>/<ascii|other>/<ms>   a result of that size after that time
//   progress/<n>                       n progress notifications in order, then an empty result
const UNITS = {other: '漢字かな交じり文', ascii: 'the quick brown fox '}
const tails = new Map()

const HANDSHAKE = JSON.stringify({
  protocolVersion: '2025-06-18',
  capabilities: {tools: {}},
  serverInfo: {name: 'bench', version: '1'},
})

/** What the first bytes of a message ask for. */
export function read(head) {
  const id = /"id":(\d+|"[^"]*")/.exec(head)?.[1]
  const bench = /"bench\/(\d+)\/(\w+)\/(\d+)"/.exec(head)
  const progress = /"progress\/(\d+)"/.exec(head)
  return {
    id,
    tail: bench ? resultTail(bench[1], bench[2]) : head.includes('"initialize"') ? INITIALIZED : EMPTY,
    delay: Number(bench?.[3] ?? 0),
    progress: Number(progress?.[1] ?? 0),
    token: /"progressToken":(\d+|"[^"]*")/.exec(head)?.[1],
    listens: head.includes('"subscriptions/listen"'),
  }
}

const INITIALIZED = Buffer.from(`,"result":${HANDSHAKE}}`)
const EMPTY = Buffer.from(',"result":{}}')

function resultTail(size, kind) {
  const key = `${size}/${kind}`
  let tail = tails.get(key)
  if (!tail) {
    const unit = UNITS[kind] ?? UNITS.ascii
    const text = unit.repeat(Math.ceil(size / Buffer.byteLength(unit)))
    tail = Buffer.from(`,"result":{"content":[{"type":"text","text":${JSON.stringify(text)}}]}}`)
    tails.set(key, tail)
  }
  return tail
}

/** The n-th progress notification. */
export const progressNote = (token, n, total) =>
  `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":${n},"total":${total}}}`

/** Everything of an answer before its result. */
export const answerStart = (id) => Buffer.from(`{"jsonrpc":"2.0","id":${id}`)
