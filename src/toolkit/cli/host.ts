// The slice of the world that the command line needs, as an argument: tests hand in their own.

/** A stream of text. */
export interface TextSink {
  readonly isTTY: boolean
  /** Width in characters; undefined when nobody knows. */
  readonly columns: number | undefined
  write(text: string): void
}

/** What the command line may touch. */
export interface CliHost {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: {readonly isTTY: boolean}
  readonly stdout: TextSink
  readonly stderr: TextSink
}

const sink = (stream: NodeJS.WriteStream): TextSink => ({
  isTTY: stream.isTTY === true,
  // Some terminals say 0, which is as good as nothing.
  columns: stream.columns || undefined,
  write: (text) => {
    stream.write(text)
  },
})

/** The process itself as a host. */
export const processHost = (): CliHost => ({
  env: process.env,
  cwd: process.cwd(),
  stdin: {isTTY: process.stdin.isTTY === true},
  stdout: sink(process.stdout),
  stderr: sink(process.stderr),
})
