// The slice of the world that the command line needs, as an argument: tests hand in their own. Whatever a command writes
// passes through the sinks here, so this is where the secrets of the process are redacted.

import {redactSecrets, workingFolder} from '../../foundation/platform/index.ts'

/** A stream of text. */
export interface TextSink {
  readonly isTTY: boolean
  /** Width in characters; undefined when nobody knows. */
  readonly columns: number | undefined
  /** Writes text. `secrets: 'show'`: without redaction, for a command whose purpose is to hand out a key. */
  write(text: string, options?: SecretsOption): void
}

/** What happens to the values of secrets in an output. Default: `redact`. */
export interface SecretsOption {
  readonly secrets?: 'redact' | 'show' | undefined
}

/** What the command line may touch. */
export interface CliHost {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Empty when it was deleted. */
  readonly cwd: string
  readonly stdin: {readonly isTTY: boolean}
  readonly stdout: TextSink
  readonly stderr: TextSink
}

const sink = (stream: NodeJS.WriteStream): TextSink => ({
  isTTY: stream.isTTY === true,
  // Some terminals say 0, which is as good as nothing.
  columns: stream.columns || undefined,
  write: (text, {secrets} = {}) => {
    stream.write(secrets === 'show' ? text : redactSecrets(text))
  },
})

/** The process itself as a host. */
export const processHost = (): CliHost => ({
  env: process.env,
  cwd: workingFolder(),
  stdin: {isTTY: process.stdin.isTTY === true},
  stdout: sink(process.stdout),
  stderr: sink(process.stderr),
})
