// Whether the one who answers is who we meant: asked without any secret.

import {headerOf} from '../../../../foundation/wire/index.ts'
import {type Finding, fail, pass, rung, unknown} from '../../check.ts'
import {provedByDaemon} from '../../ladder/proved-by-daemon.ts'
import {readRung} from '../../ladder/trace-rung.ts'
import type {AnonymousContact} from '../../sources/anonymous-contact.ts'

export const http = rung({
  id: 'http',
  rung: 'http',
  title: 'The right server answers',
  why: 'A sign-in page, a proxy or another program at this address cannot hand out work; a key must not reach it.',
  next: ['Compare the address with the one you were given', 'curl -i the address and look who answers'],
  kinds: ['control_plane', 'mcp'],
  needs: ['path', 'proof', 'anonymous'],
  run: async (context) => {
    const proved = await provedByDaemon(context)
    if (proved) return proved
    const path = await context.fact('path')
    if (path === null) return null
    const broken = readRung('http', path)
    if (broken?.status === 'FAIL') return broken
    if (context.destination?.kind === 'mcp') return pass('an HTTP answer came', {hop: path.hop, source: 'probe'})
    return judgeService(await context.fact('anonymous'))
  },
})

/** A tunnel service answers a request without a key with a JSON error; anybody else does not. */
function judgeService({path, reply, json, ms}: AnonymousContact): Finding {
  const {hop} = path
  if (reply === null) return unknown('no answer was read', {hop})
  const type = headerOf(reply.headers, 'content-type') ?? 'no content type'
  const seen = `HTTP ${reply.status}, ${type}`
  const evidence = [seen, opening(reply.body)].filter((line) => line !== '')
  const isJson = typeof json === 'object' && json !== null
  const refuse = (
    failure: Parameters<typeof fail>[1]['failure'] & string,
    who?: readonly ('you' | 'it' | 'service')[],
  ) => fail(seen, {failure, evidence, raw: seen, hop, ms, ...(who === undefined ? {} : {who})})

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
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return text === '' ? '' : `it said: ${text.slice(0, 160)}`
}
