// Creating, listing, changing and deleting tunnels, in the shapes that `admin tunnels` speaks.

import {type HttpExchange, loadZod, type Zod} from '../../../foundation/platform/index.ts'
import {withoutByteOrderMark} from '../../../foundation/wire/index.ts'
import {ApiError} from '../api-error.ts'
import {readBody} from '../body.ts'
import type {PrincipalKind, ShownTunnel, TunnelFields, Tunnels} from '../tunnels.ts'

const MAX_BYTES = 256 * 1024
/** Per kind of principal. */
const MAX_PRINCIPALS = 100

const QUERIES: Readonly<Record<string, PrincipalKind>> = {
  organization_id: 'organization_ids',
  workspace_id: 'workspace_ids',
  tenant_id: 'tenant_ids',
}

/** `GET /v1/tunnels`, by exactly one principal. */
export function listTunnels(exchange: HttpExchange, tunnels: Tunnels): {tunnels: ShownTunnel[]} {
  const url = exchange.request.url ?? ''
  const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')
  const given = Object.keys(QUERIES).filter((name) => query.get(name))
  const name = given[0]
  if (name === undefined || given.length > 1 || query.getAll(name).length > 1) {
    throw new ApiError('invalid_request', 'give exactly one of organization_id, workspace_id and tenant_id')
  }
  return {tunnels: tunnels.list(QUERIES[name]!, query.get(name)!)}
}

/** `POST /v1/tunnels`. */
export async function createTunnel(exchange: HttpExchange, tunnels: Tunnels): Promise<ShownTunnel> {
  const {own_keys: ownKeys = false, ...fields} = await fieldsOf(exchange)
  for (const param of ['name', 'description'] as const) {
    if (fields[param] === undefined) throw new ApiError('invalid_request', `${param} is required`, {param})
  }
  const all = {name: '', description: '', organization_ids: [], workspace_ids: [], tenant_ids: [], ...fields}
  if (all.organization_ids.length + all.workspace_ids.length + all.tenant_ids.length === 0) {
    throw new ApiError('tunnel_missing_principals', 'name at least one organization, workspace or tenant')
  }
  return tunnels.create(all, ownKeys)
}

/** `POST /v1/tunnels/{id}`: only what is given changes; lists are replaced. */
export async function updateTunnel(exchange: HttpExchange, tunnels: Tunnels): Promise<ShownTunnel> {
  const {record} = tunnels.require(exchange.params.id ?? '')
  const {own_keys: ownKeys = false, ...fields} = await fieldsOf(exchange)
  if (Object.keys(fields).length === 0 && !ownKeys) {
    throw new ApiError('invalid_request', 'give at least one field to update')
  }
  return tunnels.update(record.id, fields, ownKeys)
}

/** `DELETE /v1/tunnels/{id}`. Answers with the tunnel that was. */
export function deleteTunnel(exchange: HttpExchange, tunnels: Tunnels): Promise<ShownTunnel> {
  return tunnels.delete(exchange.params.id ?? '')
}

type GivenFields = TunnelFields & {readonly own_keys?: boolean}

const schemaOf = (z: Zod) => {
  const principals = z.array(z.string().trim().min(1).max(256))
  return z
    .strictObject({
      name: z.string().trim().min(1).max(256),
      description: z.string().trim().min(1).max(4096),
      // Of this service alone: keys that open this tunnel and no other.
      own_keys: z.boolean(),
      organization_ids: principals,
      workspace_ids: principals,
      tenant_ids: principals,
    })
    .partial()
}

async function fieldsOf(exchange: HttpExchange): Promise<GivenFields> {
  const body = await readBody(exchange.request, {maxBytes: MAX_BYTES})
  let given: unknown
  try {
    given = JSON.parse(withoutByteOrderMark(body).toString('utf8'))
  } catch {
    throw new ApiError('invalid_json_payload', 'the body is not JSON')
  }
  const read = schemaOf(await loadZod()).safeParse(given)
  if (!read.success) {
    const issue = read.error.issues[0]!
    const param = issue.path.join('.')
    throw new ApiError('invalid_request', param ? `${param}: ${issue.message}` : issue.message, param ? {param} : {})
  }
  const fields = Object.fromEntries(Object.entries(read.data).filter(([, value]) => value !== undefined)) as GivenFields
  for (const kind of Object.values(QUERIES)) {
    if ((fields[kind]?.length ?? 0) > MAX_PRINCIPALS) {
      throw new ApiError('tunnel_principal_limit_exceeded', `at most ${MAX_PRINCIPALS} ${kind}`, {param: kind})
    }
  }
  return fields
}
