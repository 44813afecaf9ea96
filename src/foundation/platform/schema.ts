// The only door to zod. It is loaded on first use: evaluating zod costs more than most one-shot commands do in total.

import type * as zod from 'zod'

/** The zod namespace. */
export type Zod = typeof zod

/** Loads zod. Write schemas as functions of it: `const schema = (z: Zod) => z.strictObject({…})`. */
export async function loadZod(): Promise<Zod> {
  return await import('zod')
}

export type {infer as InferSchema, ZodError, ZodType} from 'zod'
