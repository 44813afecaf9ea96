// A program at a real terminal (util-linux's `script` makes it), typed at as a person would.

import {spawn} from 'node:child_process'
import {stripVTControlCharacters} from 'node:util'
import {cleanEnv} from './cli.ts'

/** A session at a terminal. */
export interface Terminal {
  type(text: string): void
  /** Resolves with the match once what was shown since the last match contains it; rejects after `timeoutMs`. */
  shows(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  /** Closes the terminal and waits for the end. */
  close(): Promise<void>
}

/** Starts a shell command line at a terminal of its own. */
export function terminal(command: string, env: Readonly<Record<string, string | undefined>> = {}): Terminal {
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: cleanEnv({TERM: 'dumb', ...env}),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  let check = (): void => {}
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += stripVTControlCharacters(text)
    check()
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    type: (text) => child.stdin.write(text),
    shows: (pattern, timeoutMs = 45_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          check = () => {}
          reject(new Error(`after ${timeoutMs} ms no ${pattern} in ${JSON.stringify(shown)}`))
        }, timeoutMs)
        check = () => {
          const match = pattern.exec(shown)
          if (match === null) return
          clearTimeout(timer)
          check = () => {}
          shown = shown.slice(match.index + match[0].length)
          resolve(match)
        }
        check()
      }),
    close: async () => {
      child.stdin.end()
      child.kill('SIGKILL')
      await ended
    },
  }
}
