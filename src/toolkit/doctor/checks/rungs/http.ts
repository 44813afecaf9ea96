// Whether the one who answers is who we meant: asked without any secret.

import type {FailureClass, Who} from '../../../../foundation/errors/index.ts'
import {headerOf} from '../../../../foundation/wire/index.ts'
import {adviceFor} from '../../advice/advice-for.ts'
import {type Destination, type Finding, fail, pass, rung, unknown} from '../../check.ts'
import {provedByDaemon} from '../../ladder/proved-by-daemon.ts'
import {readRung} from '../../ladder/trace-rung.ts'
import type {AnonymousContact} from '../../sources/anonymous-contact.ts'
import type {Handshake} from '../../sources/handshake.ts'
import type {PathTrace} from '../../sources/path-trace.ts'

export const http = rung({
  id: 'http',
  rung: 'http',
  title: 'The right server answers',
  why: 'A sign-in page, a proxy or another program at this address cannot hand out work; a key must not reach it.',
  next: ['Compare the address with the one you were given', 'curl -i the address and look who answers'],
  kinds: ['control_plane', 'mcp'],
  needs: ['path', 'proof', 'anonymous', 'handshake'],
  run: async (context) => {
    const proved = await provedByDaemon(context)
    if (proved) return proved
    const path = await context.fact('path')
    if (path === null) return null
    const broken = readRung({id: 'http', path, destination: context.destination})
    if (broken?.status === 'FAIL') return broken
    if (context.destination?.kind === 'mcp') return judgeServer(await context.fact('handshake'), path)
    return judgeService(await context.fact('anonymous'), context.destination)
  },
})

/** Any HTTP answer will do; what it says is judged by the protocol rung. */
function judgeServer({outcome, ms}: Handshake, {hop}: PathTrace): Finding {
  if (outcome.kind === 'timeout' && outcome.step === 'initialize') {
    const seen = `connected, and no answer within ${Math.round(ms / 1000)} s`
    return fail(seen, {failure: 'timeout_http', who: ['mcp_vendor'], evidence: [seen], raw: seen, hop, ms})
  }
  const status = 'status' in outcome && outcome.status !== 0 ? `HTTP ${outcome.status}` : 'HTTP'
  return pass(status, {hop, source: 'probe'})
}

/** A tunnel service answers a request without a key with a JSON error; anybody else does not. */
function judgeService({path, reply, json, ms}: AnonymousContact, destination: Destination | null): Finding {
  const {hop} = path
  if (reply === null) return unknown('no answer was read', {hop})
  const type = headerOf(reply.headers, 'content-type') ?? 'no content type'
  const seen = `HTTP ${reply.status}, ${type}`
  const evidence = [seen, opening(reply.body)].filter((line) => line !== '')
  const isJson = typeof json === 'object' && json !== null
  const refuse = (failure: FailureClass, who?: readonly Who[], raw = seen): Finding => {
    const advice = adviceFor(failure, {destination, hop})
    const more = {...(who === undefined ? {} : {who}), ...(advice === null ? {} : {next: [advice]})}
    return fail(raw, {failure, evidence, raw, hop, ms, ...more})
  }

  const foreign = isJson ? foreignJson(json, reply.status) : null
  if (foreign !== null) return refuse('wrong_base_url', undefined, `${seen}: ${foreign}`)

  if (reply.status === 429) {
    const wait = headerOf(reply.headers, 'retry-after')
    const next = [wait === null ? 'Ask again in a minute' : `Ask again in ${wait} s`]
    return unknown(seen, {failure: 'rate_limited', evidence, next, hop, ms})
  }
  if (reply.status >= 300 && reply.status < 400)
    return refuse(leavesHost(reply, hop.address) ? 'captive_portal' : 'redirected')
  if (reply.status === 511) return refuse('captive_portal')
  if (reply.status >= 500) return isJson ? refuse('service_down') : refuse('service_down', ['service', 'it'])
  if (isJson) return pass(`answered in ${Math.round(ms)} ms`, {hop, ms, source: 'probe', facts: {status: reply.status}})
  if (reply.status < 300 && /^\s*text\/html/i.test(type)) return refuse('captive_portal')
  return refuse('wrong_base_url')
}

/** What shows that JSON is none of a tunnel service's control plane; null: it may be. */
function foreignJson(json: object, status: number): string | null {
  const {error, jsonrpc, detail} = json as {error?: {code?: unknown} | null; jsonrpc?: unknown; detail?: unknown}
  if (jsonrpc === '2.0') return 'an MCP server answered'
  // Of a tunnel service too, at another of its ports: the one for MCP clients.
  if (error?.code === 'unknown_url') return 'unknown_url'
  return status === 404 && detail === 'Not Found' ? 'no such path there' : null
}

function leavesHost(reply: NonNullable<AnonymousContact['reply']>, address: string): boolean {
  const location = headerOf(reply.headers, 'location')
  if (location === null) return false
  const target = URL.canParse(location) ? new URL(location).hostname : null
  return target !== null && !address.startsWith(`${target}:`)
}

/** The first words of a body that was not expected. */
const opening = (body: Buffer): string => {
  const text = body
    .toString('utf8', 0, 2048)
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return text === '' ? '' : `it said: ${text.slice(0, 160)}`
}
