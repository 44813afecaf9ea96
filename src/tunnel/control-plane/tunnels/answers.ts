// Reads the answers of the management API: unknown members are dropped, absent ones are as good as null.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {loadZod, type Zod} from '../../../foundation/platform/index.ts'
import type {ManagedTunnel, ManagedTunnelList} from './types.ts'

const schemaOf = (z: Zod) => {
  const text = z.string().nullish()
  const texts = z.array(z.string()).nullish()
  const tunnel = z
    .object({
      id: text,
      name: text,
      description: text,
      creator: text,
      tenant_ids: texts,
      workspace_ids: texts,
      organization_ids: texts,
    })
    .transform((read): ManagedTunnel => {
      const {id, name, description, creator, ...lists} = read
      const given = Object.entries(lists).filter(([, list]) => list && list.length > 0)
      return {
        id: id ?? '',
        name: name ?? '',
        description: description ?? '',
        ...(creator ? {creator} : {}),
        ...Object.fromEntries(given),
      }
    })
  return {tunnel, list: z.object({tunnels: z.array(tunnel).nullish()})}
}

/** A tunnel; an empty body is one without anything. @throws TunnelError `TC-ADMIN-ANSWER` */
export async function readTunnel(body: string, requestId: string | null): Promise<ManagedTunnel> {
  const read = schemaOf(await loadZod()).tunnel.safeParse(json(body))
  if (!read.success) throw unreadable(read.error.issues[0]!)
  return {...read.data, ...requestIdOf(requestId)}
}

/** A listing. @throws TunnelError `TC-ADMIN-ANSWER` */
export async function readTunnelList(body: string, requestId: string | null): Promise<ManagedTunnelList> {
  const read = schemaOf(await loadZod()).list.safeParse(json(body))
  if (!read.success) throw unreadable(read.error.issues[0]!)
  return {tunnels: read.data.tunnels ?? null, ...requestIdOf(requestId)}
}

const requestIdOf = (id: string | null): {request_id?: string} => (id === null || id === '' ? {} : {request_id: id})

function json(body: string): unknown {
  if (body === '') return {}
  try {
    return JSON.parse(body) ?? {}
  } catch {
    throw new TunnelError('TC-ADMIN-ANSWER', 'decode response: the answer is not JSON')
  }
}

function unreadable({path, message}: {readonly path: readonly PropertyKey[]; readonly message: string}): TunnelError {
  const at = path.length === 0 ? '' : `${path.map(String).join('.')}: `
  return new TunnelError('TC-ADMIN-ANSWER', `decode response: ${at}${message}`)
}
