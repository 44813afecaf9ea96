// Why a daemon that answers is not ready, in its own words: what is broken, who has to act, and what to do.

import type {VerdictDocument} from '../../tunnel/ops/index.ts'
import {type EndpointQuestion, getLimited} from './probe.ts'

/** What a report takes over of {@link VerdictDocument}. */
export type VerdictReport = Pick<VerdictDocument, 'sentence' | 'next' | 'docs'>

const STATE_BYTES = 4 * 1024 * 1024

/** Undefined where the daemon does not tell: another program, an older one, or not from here. Never rejects. */
export async function askVerdict(question: Omit<EndpointQuestion, 'path'>): Promise<VerdictReport | undefined> {
  const {failure, status, body} = await getLimited({...question, path: '/api/state'}, STATE_BYTES)
  if (failure !== null || status !== 200) return undefined
  try {
    const {verdict} = JSON.parse(body) as {readonly verdict?: Partial<Record<keyof VerdictDocument, unknown>>}
    const sentence = textOf(verdict?.sentence)
    return sentence === null ? undefined : {sentence, next: textOf(verdict?.next), docs: textOf(verdict?.docs)}
  } catch {
    return undefined
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
