// Reads the documents of `/api/calls` with care: another version, or another program, may answer.

import {loadZod, type Zod} from '../../../foundation/platform/index.ts'
import type {CallDetailDocument, CallListDocument} from '../../../tunnel/ops/index.ts'

const schemaOf = (z: Zod) => {
  const text = z.string().nullable()
  const time = z.number().nullable()
  const call = z.looseObject({
    id: z.string(),
    rpc_id: text,
    channel: z.string(),
    transport: text,
    kind: z.string(),
    method: text,
    tool: text,
    session: text,
    outcome: z.string(),
    status: time,
    failure_class: text,
    rung: text,
    who: z.array(z.string()),
    code: text,
    docs: text,
    attempts: z.number(),
    request_bytes: z.number(),
    response_bytes: time,
    notifications: z.number(),
    duration_ms: z.number(),
    waiting_on: text,
    times: z.looseObject({
      enqueued: time,
      polled: z.number(),
      dispatched: time,
      first_byte: time,
      answered: time,
      posted: time,
      acknowledged: time,
      ended: time,
    }),
  })
  return {
    list: z.looseObject({
      instance_id: z.string(),
      calls: z.array(call.extend({seq: z.number()})),
      next_after: z.number(),
      more: z.boolean(),
      gap: z.boolean(),
    }),
    detail: call.extend({
      phases: z.array(z.looseObject({phase: z.string(), turn: z.string(), ms: time, last: z.boolean()})),
      title: text,
      next: text,
    }),
    error: z.looseObject({
      // What other programs refuse with has no version.
      schema_version: z.number(),
      error: z.looseObject({code: z.string(), message: z.string(), candidates: z.array(z.string()).optional()}),
    }),
  }
}

/** Why the daemon did not answer. */
export interface RefusedQuestion {
  readonly code: string
  readonly message: string
  readonly candidates: readonly string[]
}

/** A list, or null: this is none. Words that this version does not know pass as they are. */
export async function readCallList(document: unknown): Promise<CallListDocument | null> {
  const read = schemaOf(await loadZod()).list.safeParse(document)
  return read.success ? (read.data as unknown as CallListDocument) : null
}

/** One call, or null: this is none. */
export async function readCallDetail(document: unknown): Promise<CallDetailDocument | null> {
  const read = schemaOf(await loadZod()).detail.safeParse(document)
  return read.success ? (read.data as unknown as CallDetailDocument) : null
}

/** A refusal of the operator API, or null: this is none. */
export async function readRefusal(document: unknown): Promise<RefusedQuestion | null> {
  const read = schemaOf(await loadZod()).error.safeParse(document)
  if (!read.success) return null
  const {code, message, candidates = []} = read.data.error
  return {code, message, candidates}
}
