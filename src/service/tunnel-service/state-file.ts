// Tunnels and keys that outlive a restart, in one private file.

import {messageOf, TunnelError} from '../../foundation/errors/index.ts'
import {
  decodeText,
  isTunnelId,
  loadZod,
  readTrustedFile,
  Secret,
  writeFileAtomic,
  type Zod,
} from '../../foundation/platform/index.ts'
import type {AccessKey} from './options.ts'
import type {TunnelRecord} from './tunnels.ts'

/** What the file holds. */
export interface ServiceState {
  /** The tunnel that the service announces. */
  readonly tunnelId: string
  readonly tunnels: readonly TunnelRecord[]
  readonly keys: readonly AccessKey[]
}

const schemaOf = (z: Zod) => {
  const names = z.array(z.string())
  return z.object({
    schema_version: z.union([z.literal(1), z.literal(2)]),
    tunnel_id: z.string().refine(isTunnelId),
    tunnels: z.array(
      z.object({
        id: z.string().refine(isTunnelId),
        name: z.string(),
        description: z.string(),
        creator: z.string(),
        tenant_ids: names,
        workspace_ids: names,
        organization_ids: names,
      }),
    ),
    keys: z.array(
      z.object({
        name: z.string(),
        value: z.string().min(1),
        scopes: z.array(z.enum(['read', 'use', 'manage', 'call'])),
        // Version 2. Before, each key opened every tunnel.
        tunnels: z.array(z.string().refine(isTunnelId)).nullable().optional(),
      }),
    ),
  })
}

/** Reads the file; null when there is none. Rejects with `TC-SERVICE-STATE`. */
export async function readState(path: string): Promise<ServiceState | null> {
  const file = await readTrustedFile(path).catch((thrown) => {
    throw new TunnelError('TC-SERVICE-STATE', `cannot read state file: ${messageOf(thrown)}`, {cause: thrown})
  })
  if (file === null) return null
  if ((file.mode & 0o077) !== 0 && process.platform !== 'win32') {
    throw new TunnelError('TC-SERVICE-STATE', `state file ${path} holds keys and others may read it`, {
      next: [`chmod 600 ${path}`],
    })
  }
  const content = decodeText(file.data)
  if (!content.ok) throw unusable(path, content.problem)
  let given: unknown
  try {
    given = JSON.parse(content.text)
  } catch {
    throw unusable(path, 'it is not JSON')
  }
  const read = schemaOf(await loadZod()).safeParse(given)
  if (!read.success) {
    const issue = read.error.issues[0]!
    throw unusable(path, `${issue.path.join('.') || 'the top level'} is wrong`)
  }
  const {tunnel_id, tunnels, keys} = read.data
  const all = tunnels.map(({id}) => id)
  return {
    tunnelId: tunnel_id,
    tunnels,
    keys: keys.map((key) => ({
      ...key,
      value: new Secret(key.value),
      tunnels: key.tunnels === undefined ? (key.scopes.includes('use') ? all : null) : key.tunnels,
    })),
  }
}

/** Writes the file, whole or not at all, 0600. Rejects with `TC-SERVICE-STATE`. */
export async function writeState(path: string, {tunnelId, tunnels, keys}: ServiceState): Promise<void> {
  const document = {
    schema_version: 2,
    tunnel_id: tunnelId,
    tunnels,
    keys: keys.map(({name, value, scopes, tunnels: opens = null}) => ({
      name,
      value: value.reveal(),
      scopes,
      tunnels: opens,
    })),
  }
  try {
    const data = `${JSON.stringify(document, null, 2)}\n`
    await writeFileAtomic({path, data, mode: 0o600, parentMode: 0o700})
  } catch (thrown) {
    throw new TunnelError('TC-SERVICE-STATE', `cannot write state file ${path}: ${messageOf(thrown)}`, {
      cause: thrown,
    })
  }
}

const unusable = (path: string, why: string): TunnelError =>
  new TunnelError('TC-SERVICE-STATE', `state file ${path} cannot be used: ${why}`, {
    next: ['Choose another file, or move this one away to start with new tunnels and keys'],
  })
