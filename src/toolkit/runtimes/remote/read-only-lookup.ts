// `status` asks the service about the tunnel with the first key at hand. It never fails for that, and never takes long.

import {messageOf} from '../../../foundation/errors/index.ts'
import {readWholeFile} from '../../../foundation/platform/index.ts'
import type {RuntimesContext} from '../context.ts'
import type {RepairRecords} from '../local/repair.ts'
import {readKey} from '../profile/key-reference.ts'
import {isObject} from '../state/state-file.ts'
import type {RemoteView} from '../verbs/status-report.ts'
import type {AdminContext} from './admin-context.ts'
import {isNotFound, tunnelJson, withTunnels} from './remote-tunnels.ts'
import {within} from './time-box.ts'

/** Looks the tunnel up within `budgetMs`. */
export async function lookUpTunnel(
  runtime: RepairRecords,
  {context, admin, budgetMs}: {context: RuntimesContext; admin: AdminContext; budgetMs: number},
): Promise<RemoteView> {
  const nothing = {tunnel: null, stale: false, error: '', attempted: false, authKind: '', authRef: ''}
  const tunnelId = runtime.alias?.tunnel_id ?? ''
  if (tunnelId === '') return {...nothing, skippedReason: 'no tunnel id is recorded'}
  const found = await firstKey(runtime, {context, admin})
  if ('reasons' in found) return {...nothing, skippedReason: found.reasons.at(-1) ?? 'there is no key'}
  const asked = {...nothing, attempted: true, authKind: found.kind, authRef: found.reference, skippedReason: ''}
  try {
    const answer = await within(budgetMs, async (signal) =>
      withTunnels({context, admin, keyReference: found.reference}, (tunnels) => tunnels.get(tunnelId, {signal})),
    )
    if (answer === null) {
      const error = `no answer from ${admin.baseUrl} within ${Math.round(budgetMs)} ms; --remote-timeout grants more`
      return {...asked, error}
    }
    return {...asked, tunnel: tunnelJson(answer.value)}
  } catch (thrown) {
    return {...asked, stale: isNotFound(thrown), error: messageOf(thrown)}
  }
}

interface FoundKey {
  readonly kind: 'runtime' | 'admin'
  readonly reference: string
}

async function firstKey(
  runtime: RepairRecords,
  {context, admin}: {context: RuntimesContext; admin: AdminContext},
): Promise<FoundKey | {readonly reasons: readonly string[]}> {
  const paths = new Set(
    [runtime.process, runtime.alias].flatMap((record) => [record?.profile_path, record?.config_path]),
  )
  const stored = await Promise.all([...paths].map((path) => keyReferenceIn(path ?? '')))
  const candidates: FoundKey[] = [
    ...[...stored, 'env:CONTROL_PLANE_API_KEY', 'env:OPENAI_API_KEY']
      .filter((reference) => reference !== '')
      .map((reference) => ({kind: 'runtime' as const, reference})),
    {kind: 'admin', reference: admin.adminKey},
  ]
  const reasons: string[] = []
  for (const candidate of candidates) {
    try {
      await readKey(candidate.reference, context.env)
      return candidate
    } catch (thrown) {
      reasons.push(messageOf(thrown))
    }
  }
  return {reasons}
}

/** The reference in a profile that is JSON; empty when there is none. */
async function keyReferenceIn(path: string): Promise<string> {
  if (path === '') return ''
  const file = await readWholeFile(path)
  if (!file.ok) return ''
  try {
    const content: unknown = JSON.parse(file.data.toString('utf8'))
    const section = isObject(content) ? content.control_plane : null
    const key = isObject(section) ? section.api_key : null
    return typeof key === 'string' && /^(env|file):/.test(key) ? key : ''
  } catch {
    return ''
  }
}
