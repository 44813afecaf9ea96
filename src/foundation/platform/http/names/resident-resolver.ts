// getaddrinfo in a child process: in our own it would keep Node alive for ten seconds behind a silent DNS server. The
// child is started when first needed, idles out, and is replaced when a lookup outlives its budget.
//
// It does not go through the spawn door: it needs none of its process groups and logs, it must not hold the process, and
// its program is a string, so that it works from the sources and from the bundle alike.

import {type ChildProcess, spawn} from 'node:child_process'
import {lookup as lookupHere} from 'node:dns'
import {workingFolder} from '../../files/working-folder.ts'
import {withoutInherited} from '../../spawn/inherited-descriptors.ts'
import {noInspector} from '../../spawn/no-inspector.ts'

/** Addresses, or none and the code of getaddrinfo (`ENOTFOUND`, `EAI_AGAIN`, …). */
export interface ResidentAnswer {
  readonly addresses: readonly string[]
  readonly code: string
}

/** The helper. */
export interface ResidentResolver {
  /** Settles within `budgetMs` of its call or when `signal` aborts (code `ETIMEOUT` or `ECANCELLED`). Never rejects. */
  lookup(name: string, limits: {budgetMs: number; signal: AbortSignal}): Promise<ResidentAnswer>
  /** Kills it. Lookups under way settle with `ECANCELLED`. */
  close(): void
}

/** Lines in: `<id> <name>`. Lines out: JSON. The end of its input, which is our end, ends it even inside getaddrinfo. */
const PROGRAM = `
process.on('SIGUSR1', () => {})
const dns = require('node:dns')
let rest = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text) => {
  const lines = (rest + text).split('\\n')
  rest = lines.pop()
  for (const line of lines) {
    const blank = line.indexOf(' ')
    const id = Number(line.slice(0, blank))
    dns.lookup(line.slice(blank + 1), {all: true, verbatim: true}, (error, found) => {
      const addresses = error ? [] : found.map((one) => one.address)
      process.stdout.write(JSON.stringify({id, addresses, code: error ? error.code : ''}) + '\\n')
    })
  }
})
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'))
`

/** What the child may know of our environment: how to start, and what steers getaddrinfo. No secret is among these. */
const PASSED = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'windir', 'LOCALDOMAIN', 'RES_OPTIONS', 'HOSTALIASES']

/** Threads of the child; half of them may sit in getaddrinfo at once. */
const THREADS = '64'

/** A child that nobody asked for this long is let go: it costs some 40 MiB. */
const IDLE_MS = 60_000

interface Child {
  readonly process: ChildProcess
  readonly pending: Map<number, (answer: ResidentAnswer | null) => void>
  retired: boolean
  kill(): void
}

/** A helper that is not running yet. */
export function createResidentResolver(): ResidentResolver {
  let current: Child | null = null
  let lastId = 0
  let idle: NodeJS.Timeout | null = null

  const retire = (child: Child): void => {
    child.retired = true
    if (current === child) current = null
    if (child.pending.size === 0) child.kill()
  }

  const rest = (child: Child): void => {
    if (child.pending.size > 0) return
    if (child.retired) {
      child.kill()
      return
    }
    if (idle) clearTimeout(idle)
    idle = setTimeout(() => retire(child), IDLE_MS)
    idle.unref()
  }

  return {
    lookup(name, {budgetMs, signal}) {
      return new Promise((resolve) => {
        const child = current ?? startChild((ended) => retire(ended))
        current = child
        lastId += 1
        const id = lastId
        const settle = (answer: ResidentAnswer): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', abandon)
          child.pending.delete(id)
          rest(child)
          resolve(answer)
        }
        // Whoever gives up leaves a thread of the child inside getaddrinfo: it gets no new work and dies with its last.
        const giveUp = (code: string): void => {
          retire(child)
          settle({addresses: [], code})
        }
        const abandon = (): void => giveUp('ECANCELLED')
        const timer = setTimeout(() => giveUp('ETIMEOUT'), Math.max(0, budgetMs))
        if (signal.aborted) {
          abandon()
          return
        }
        signal.addEventListener('abort', abandon, {once: true})
        child.pending.set(id, (answer) => {
          if (answer) settle(answer)
          else lookupHere(name, {all: true, verbatim: true}, (error, found) => settle(readHere(error, found)))
        })
        child.process.stdin?.write(`${id} ${name}\n`)
      })
    },
    close() {
      if (idle) clearTimeout(idle)
      const child = current
      current = null
      if (!child) return
      for (const answer of [...child.pending.values()]) answer({addresses: [], code: 'ECANCELLED'})
      child.kill()
    },
  }
}

function startChild(ended: (child: Child) => void): Child {
  const env: NodeJS.ProcessEnv = {UV_THREADPOOL_SIZE: THREADS}
  for (const name of PASSED) if (process.env[name] !== undefined) env[name] = process.env[name]
  const argv = [...noInspector(), '--input-type=commonjs', '-e', PROGRAM]
  const child = withoutInherited(['pipe', 'pipe', 'ignore'], (stdio) =>
    spawn(process.execPath, argv, {
      stdio,
      env,
      // Node does not start in a folder that was deleted.
      cwd: workingFolder() || '/',
      // Ctrl-C is for us; calls that are being drained still need names.
      detached: process.platform !== 'win32',
      windowsHide: true,
    }),
  )
  const pending: Child['pending'] = new Map()
  let dead = false
  const one: Child = {
    process: child,
    pending,
    retired: false,
    kill() {
      if (!dead) child.kill('SIGKILL')
      dead = true
    },
  }
  // A machine where no child may be started still gets its names, in process; so do lookups that a dying child forgot.
  const end = (): void => {
    dead = true
    const left = [...pending.values()]
    pending.clear()
    ended(one)
    for (const answer of left) answer(null)
  }
  child.once('error', end)
  child.once('exit', end)
  child.stdin?.on('error', () => {})
  let rest = ''
  child.stdout?.setEncoding('utf8')
  child.stdout?.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const {id, addresses, code} = JSON.parse(line) as {id: number} & ResidentAnswer
      pending.get(id)?.({addresses, code})
    }
  })
  // Only the lookup's own timer holds the process.
  child.unref()
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as {unref?(): void} | null)?.unref?.()
  return one
}

const readHere = (
  error: NodeJS.ErrnoException | null,
  found: readonly {address: string}[] | undefined,
): ResidentAnswer =>
  error
    ? {addresses: [], code: error.code ?? 'ENOTFOUND'}
    : {addresses: (found ?? []).map((one) => one.address), code: ''}
