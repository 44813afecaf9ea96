// An MCP server on stdin and stdout that costs next to nothing (see answers.mjs): calls run at the same time.
import {answerStart, progressNote, read} from './answers.mjs'

let rest = ''
process.stdin.setEncoding('latin1')
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop()
  for (const line of lines) take(line)
})
process.stdin.on('end', () => process.exit(0))

function take(line) {
  const asked = read(line.slice(0, 400))
  if (asked.id === undefined) return
  if (asked.progress > 0) stream(asked)
  else if (asked.delay > 0) setTimeout(() => answer(asked), asked.delay)
  else answer(asked)
}

function answer({id, tail}) {
  process.stdout.write(Buffer.concat([answerStart(id), tail, Buffer.from('\n')]))
}

/** As fast as the reader takes them. */
function stream(asked) {
  let n = 0
  const more = () => {
    while (n < asked.progress) {
      n++
      if (!process.stdout.write(`${progressNote(asked.token, n, asked.progress)}\n`)) {
        process.stdout.once('drain', more)
        return
      }
    }
    answer(asked)
  }
  more()
}
