// Questions to one endpoint of a daemon. They go through the HTTP door, so unix sockets work and every wait has an end.

import {type HttpDestination, type HttpFailure, type RawHeaders, systemClock} from '../../foundation/platform/index.ts'

import type {HealthTarget} from './health-url.ts'

/** One endpoint's answer. Member names and order are the reference's JSON. */
export interface EndpointProbe {
  readonly url?: string
  readonly ok: boolean
  readonly status?: number
  readonly body?: string
  readonly error?: string
}

/** One metric's value. Member names and order are the reference's JSON. */
export interface MetricProbe {
  readonly url?: string
  readonly value?: number
  readonly ok: boolean
  readonly error?: string
}

/** A reply cut at a size; `null` failure means that the head and this much of the body arrived. */
export interface LimitedReply {
  readonly status: number
  readonly headers: RawHeaders
  readonly body: string
  readonly failure: HttpFailure | null
}

const ENDPOINT_BODY_BYTES = 4096
const METRICS_BYTES = 16 * 1024 * 1024

/** What a probe asks and how long it may take. */
export interface EndpointQuestion {
  readonly destination: HttpDestination
  readonly target: HealthTarget
  readonly path: string
  readonly timeoutMs: number
}

/** GET of `/healthz` or `/readyz`: fine with any 2xx. The body is cut at 4096 bytes and trimmed. */
export async function probeEndpoint(question: EndpointQuestion): Promise<EndpointProbe> {
  const url = `${question.target.baseUrl}${question.path}`
  const reply = await getLimited(question, ENDPOINT_BODY_BYTES)
  if (reply.failure !== null) return {url, ok: false, error: reply.failure.message}
  const body = reply.body.trim()
  return {
    url,
    ok: reply.status >= 200 && reply.status < 300,
    status: reply.status,
    ...(body === '' ? {} : {body}),
  }
}

/** The page for people, when there is one: the Go client has it at `/ui`. Undefined: nothing is there to be opened. */
export async function probePage(question: Omit<EndpointQuestion, 'path'>): Promise<string | undefined> {
  const {ok, url} = await probeEndpoint({...question, path: '/ui'})
  return ok ? url : undefined
}

/** GET of `/metrics`: the value of the first sample of `metric`, fine when it is above 0. */
export async function probeMetric(question: EndpointQuestion & {metric: string; absent: string}): Promise<MetricProbe> {
  const url = `${question.target.baseUrl}${question.path}`
  const reply = await getLimited(question, METRICS_BYTES)
  if (reply.failure !== null) return {url, ok: false, error: reply.failure.message}
  if (reply.status !== 200) return {url, ok: false, error: `HTTP ${reply.status}`}
  const value = metricValue(reply.body, question.metric)
  if (value === null) return {url, ok: false, error: `missing ${question.metric} metric`}
  if (value > 0) return {url, value, ok: true}
  return {url, ...(value === 0 ? {} : {value}), ok: false, error: question.absent}
}

/** The first sample called `name`, bare or with labels, in Prometheus text; null when there is none. */
export function metricValue(text: string, name: string): number | null {
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (!line.startsWith(name)) continue
    const after = line[name.length]
    if (after !== ' ' && after !== '{') continue
    const fields = line.split(/\s+/)
    const last = fields.length < 2 ? '' : (fields.at(-1) ?? '')
    const value = last === '' ? Number.NaN : Number(last)
    if (!Number.isNaN(value)) return value
  }
  return null
}

/** GET that takes at most `limit` bytes of body and then hangs up; the deadline holds for all of it. */
export function getLimited(
  {destination, target, path, timeoutMs}: EndpointQuestion,
  limit: number,
  headers: RawHeaders = [],
): Promise<LimitedReply> {
  return new Promise((resolve) => {
    let status = 0
    let fields: RawHeaders = []
    let size = 0
    const chunks: Buffer[] = []
    let settled = false
    const settle = (failure: HttpFailure | null): void => {
      if (settled) return
      settled = true
      resolve({status, headers: fields, body: Buffer.concat(chunks).toString('utf8', 0, limit), failure})
    }
    const handle = destination.stream(
      {
        method: 'GET',
        path: `${target.prefix}${path}`,
        headers: [...target.credentials, ...headers],
        deadline: systemClock.now() + timeoutMs,
        idempotent: true,
      },
      {
        onHead: (code, raw) => {
          status = code
          fields = raw
        },
        onData: (chunk) => {
          chunks.push(chunk)
          size += chunk.length
          if (size < limit) return
          settle(null)
          queueMicrotask(() => handle.abort())
        },
        onEnd: () => settle(null),
        onFailure: settle,
      },
    )
  })
}
