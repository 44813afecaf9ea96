// The five management requests: what is sent, as plain data.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {escapeSegment, joinPath, TUNNELS_ROUTE} from '../paths.ts'
import type {TunnelChange, TunnelCreation, TunnelScope} from './types.ts'

/** One request before it has headers. */
export interface ManagementRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** For people and JSON: without the query, the id escaped once. */
  readonly route: string
  /** On the wire, with the query. */
  readonly path: string
  readonly body?: Record<string, unknown>
}

/** `POST /v1/tunnels`. */
export function createRequest(urlPath: string, tunnel: TunnelCreation): ManagementRequest {
  const {name, description, organizationIds = [], workspaceIds = []} = tunnel
  const path = joinPath(urlPath, TUNNELS_ROUTE)
  const body = {
    name,
    description,
    ...(workspaceIds.length === 0 ? {} : {workspace_ids: workspaceIds}),
    ...(organizationIds.length === 0 ? {} : {organization_ids: organizationIds}),
  }
  return {method: 'POST', route: path, path, body}
}

/** `GET /v1/tunnels?…`, keys of the query in alphabetical order. */
export function listRequest(urlPath: string, scope: TunnelScope): ManagementRequest {
  const {organizationId = '', tenantId = '', workspaceId = ''} = scope
  const route = joinPath(urlPath, TUNNELS_ROUTE)
  const query = new URLSearchParams({
    ...(organizationId === '' ? {} : {organization_id: organizationId}),
    ...(tenantId === '' ? {} : {tenant_id: tenantId}),
    ...(workspaceId === '' ? {} : {workspace_id: workspaceId}),
  })
  return {method: 'GET', route, path: query.size === 0 ? route : `${route}?${query}`}
}

/** `GET /v1/tunnels/{id}`. */
export const getRequest = (urlPath: string, tunnelId: string): ManagementRequest => ({
  method: 'GET',
  ...ofTunnel(urlPath, tunnelId),
})

/** `POST /v1/tunnels/{id}` with the members that change. */
export function updateRequest(urlPath: string, tunnelId: string, change: TunnelChange): ManagementRequest {
  const {name, description, organizationIds, workspaceIds} = change
  const body = {
    ...(name === undefined ? {} : {name}),
    ...(description === undefined ? {} : {description}),
    ...(workspaceIds === undefined ? {} : {workspace_ids: workspaceIds}),
    ...(organizationIds === undefined ? {} : {organization_ids: organizationIds}),
  }
  return {method: 'POST', ...ofTunnel(urlPath, tunnelId), body}
}

/** `DELETE /v1/tunnels/{id}`. */
export const deleteRequest = (urlPath: string, tunnelId: string): ManagementRequest => ({
  method: 'DELETE',
  ...ofTunnel(urlPath, tunnelId),
})

function ofTunnel(urlPath: string, tunnelId: string): Pick<ManagementRequest, 'route' | 'path'> {
  if (tunnelId === '') throw new TunnelError('TC-CLI-USAGE', 'tunnel id is required')
  // Cleaning the path would turn these into another address than one of a tunnel.
  if (tunnelId === '.' || tunnelId === '..') throw new TunnelError('TC-CLI-USAGE', `"${tunnelId}" is no tunnel id`)
  const id = escapeSegment(tunnelId)
  const at = (segment: string): string => joinPath(urlPath, `${TUNNELS_ROUTE}/${segment}`)
  return {route: at(id), path: at(escapeSegment(id))}
}
