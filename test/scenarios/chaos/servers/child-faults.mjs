// What can be wrong with a server that is a child process. `misbehave` gets each call before it is served; a call says in
// its arguments which fault it is meant for, and what concerns the whole process is told by further arguments:
//   --banner            prints what is no JSON-RPC before anything else
//   --slow-start MS     serves nothing for so long
//   --exit-if FILE      ends with status 4 at once, as long as FILE exists
//   --exit-after-each   ends with status 0 after every answer
import {spawn} from 'node:child_process'
import {closeSync, existsSync, writeSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'

const flags = process.argv.slice(4)
const argumentOf = (flag) => flags[flags.indexOf(flag) + 1]

/** At the start of the process. */
export async function begin() {
  if (flags.includes('--exit-if') && existsSync(argumentOf('--exit-if'))) process.exit(4)
  if (flags.includes('--banner')) writeAll('  ____\n / ___| Welcome!\n{"almost": "json-rpc"}\n[1, 2\n\u0000\u0001\n')
  if (flags.includes('--slow-start')) await sleep(Number(argumentOf('--slow-start')))
}

/** After an answer was written. */
export function afterAnswer() {
  if (flags.includes('--exit-after-each')) process.exit(0)
}

/**
 * Does what the call asks for. `serve(write)` runs the call as any other, with another way to write its messages if given.
 * Nothing returned: the call is done with.
 */
export function misbehave(message, serve) {
  const fault = FAULTS[message.params?.arguments?.fault]
  if (fault === undefined) serve()
  else fault(message, serve)
}

const answerOf = ({id}, text) => text.replace(`"id":${id}`, `"id":"${id}"`)
const writeAll = (text) => {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
    }
  }
}
const garbage = (line, bytes) => writeAll(`${line}\n`.repeat(Math.ceil(bytes / (line.length + 1))))
const nothing = () => {}
let hugeOnce = true

const FAULTS = {
  crash: (_message, serve) => {
    serve(nothing)
    process.exit(3)
  },
  'crash-by-signal': (_message, serve) => {
    serve(nothing)
    process.kill(process.pid, 'SIGSEGV')
  },
  flood: (_message, serve) => {
    garbage('=== this is a log line that went to the wrong place ===', 2_000_000)
    serve()
  },
  'flood-of-tiny-lines': (_message, serve) => {
    garbage('x', 100_000)
    serve()
  },
  'huge-line': (_message, serve) => {
    if (hugeOnce) garbage('z'.repeat(100_000_000), 1)
    hugeOnce = false
    serve()
  },
  'huge-answer': ({params}, serve) => {
    params.arguments.pad = hugeOnce ? 10_000_000 : 100_000
    hugeOnce = false
    serve()
  },
  'id-as-string': (message, serve) => serve((text) => writeAll(answerOf(message, text))),
  twice: (_message, serve) => serve((text) => writeAll(text + text)),
  'null-id-error': ({id}, serve) => {
    serve(nothing)
    writeAll('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}\n')
    setTimeout(() => writeAll(`{"jsonrpc":"2.0","id":${id},"error":{"code":-32603,"message":"gave up"}}\n`), 500)
  },
  'broken-answer': ({id}, serve) => {
    serve(nothing)
    writeAll(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"te\n`)
  },
  'answer-without-result': ({id}, serve) => {
    serve(nothing)
    writeAll(`{"jsonrpc":"2.0","id":${id}}\n`)
  },
  'answer-to-nobody': (_message, serve) => {
    writeAll('{"jsonrpc":"2.0","id":99999999,"result":{"content":[]}}\n{"jsonrpc":"2.0","id":"x","result":{}}\n')
    serve()
  },
  'in-a-batch': (_message, serve) =>
    serve((text) => writeAll(`[{"jsonrpc":"2.0","method":"notifications/message","params":{}},${text.trimEnd()}]\n`)),
  'crlf-and-blanks': (_message, serve) => serve((text) => writeAll(`\r\n\n  ${text.trimEnd()}\t\r\n`)),
  'one-byte-at-a-time': (_message, serve) =>
    serve((text) => {
      for (const byte of Buffer.from(text)) writeAll(Buffer.of(byte))
    }),
  'asks-its-client': (_message, serve) => {
    writeAll('{"jsonrpc":"2.0","id":1,"method":"roots/list"}\n{"jsonrpc":"2.0","id":"p","method":"ping"}\n')
    serve()
  },
  'never-reads': (_message, serve) => {
    serve(nothing)
    process.stdin.pause()
  },
  'closes-stdin': (_message, serve) => {
    serve(nothing)
    process.stdin.destroy()
    closeSync(0)
    setInterval(nothing, 1000)
  },
  'closes-stdout': (_message, serve) => {
    serve(nothing)
    closeSync(1)
  },
  'closes-stdout-and-stays': (_message, serve) => {
    serve(nothing)
    process.on('SIGTERM', nothing)
    setInterval(nothing, 1000)
    closeSync(1)
  },
  'leaves-a-grandchild': (_message, serve) => {
    const script = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'
    spawn(process.execPath, ['-e', script], {stdio: ['ignore', 'inherit', 'inherit']})
    serve(nothing)
    process.exit(1)
  },
  'floods-stderr': (_message, serve) => {
    const bytes = Buffer.from(`${'trouble '.repeat(100)}\n`.repeat(1000))
    process.stderr.write(bytes)
    serve()
  },
  'holds-the-loop': (_message, serve) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
    serve()
  },
}
