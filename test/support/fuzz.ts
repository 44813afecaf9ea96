// Runs a property as a fuzz target: a second or so in an ordinary run, with a fixed seed; `FUZZ_SECONDS=600` as long as asked,
// with a new seed. `FUZZ_SEED=…` repeats a run. A failure prints its seed and the smallest input that still fails.

import fc from 'fast-check'

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 0)

/** The seed of this run. */
export const FUZZ_SEED = Number(process.env.FUZZ_SEED ?? (SECONDS > 0 ? Date.now() % 2 ** 31 : 1))

/** Time-out of one target, in milliseconds. */
export const FUZZ_TIMEOUT_MS = 60_000 + SECONDS * 1000

/** Options of {@link fuzz}. */
export interface FuzzOptions<Input> {
  /** Inputs that are always tried: the corpus. */
  readonly corpus?: readonly Input[]
  /** Runs of an ordinary test run. Default 1000. */
  readonly runs?: number
}

const settings = <Input>({corpus = [], runs = 1000}: FuzzOptions<Input>): fc.Parameters<[Input]> => ({
  seed: FUZZ_SEED,
  examples: corpus.map((input): [Input] => [input]),
  ...(SECONDS > 0
    ? {numRuns: 2 ** 31 - 1, interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false}
    : {numRuns: runs + corpus.length}),
})

/** Checks that `holds` throws for no input. */
export function fuzz<Input>(
  inputs: fc.Arbitrary<Input>,
  holds: (input: Input) => void,
  options: FuzzOptions<Input> = {},
): void {
  if (SECONDS > 0) console.log(`FUZZ_SEED=${FUZZ_SEED}`)
  fc.assert(fc.property(inputs, holds), settings(options))
}

/** As {@link fuzz}, for what takes its time. */
export async function fuzzAsync<Input>(
  inputs: fc.Arbitrary<Input>,
  holds: (input: Input) => Promise<void>,
  options: FuzzOptions<Input> = {},
): Promise<void> {
  if (SECONDS > 0) console.log(`FUZZ_SEED=${FUZZ_SEED}`)
  await fc.assert(fc.asyncProperty(inputs, holds), settings(options))
}

/**
 * Bytes that are nearly a text of `texts`: some of its pieces are removed, repeated, moved, or replaced by a piece of
 * `alphabet` or by any bytes.
 */
export function nearly(texts: fc.Arbitrary<string>, alphabet: readonly string[]): fc.Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat(),
    cut: fc.nat({max: 8}),
    put: fc.oneof(
      fc.constant(Buffer.alloc(0)),
      fc.constantFrom(...alphabet).map((text) => Buffer.from(text)),
      fc.uint8Array({maxLength: 4}).map((bytes) => Buffer.from(bytes)),
    ),
  })
  return fc.tuple(texts, fc.array(change, {maxLength: 4})).map(([text, changes]) => {
    let bytes = Buffer.from(text)
    for (const {at, cut, put} of changes) {
      const from = at % (bytes.length + 1)
      bytes = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + cut)])
    }
    return bytes
  })
}
