// What helps against the error codes of the tunnel service.

/** Advice by code. */
export const MITIGATIONS: Readonly<Record<string, string>> = {
  invalid_tunnel_id_format:
    'give the tunnel id exactly as the platform shows it (tunnel_…) with --control-plane.tunnel-id, CONTROL_PLANE_TUNNEL_ID or control_plane.tunnel_id',
  invalid_channel_format: 'channel names consist of lower-case letters, digits, "-" and "_"',
  rate_limit_exceeded: 'send fewer calls at a time; this client tries again by itself after a pause',
  request_body_too_large: 'keep MCP requests and results smaller than the limit of the service',
  invalid_json_payload: 'the MCP request has to be one JSON object',
  missing_mcp_session_id: 'ending a session needs the Mcp-Session-Id header of that session',
  rfc9728_www_authenticate_unsupported:
    'use the well-known OAuth discovery endpoints instead of a WWW-Authenticate probe',
  tunnel_missing_principals: 'use a runtime key that belongs to the organization or workspace of the tunnel',
  tunnel_management_permission_required: 'use an admin key or account that holds Tunnels Read and Manage',
  tunnel_use_forbidden:
    'use a key whose owner may use this tunnel, or create the tunnel again in the organization or workspace that owns the key',
  tunnel_active_organization_required:
    'name the organization with --control-plane.organization-id, CONTROL_PLANE_ORGANIZATION_ID or control_plane.organization_id',
  tunnel_active_organization_context_required: 'select an organization before listing principals or overrides',
  tunnel_principal_validation_override_management_permission_required:
    'use a credential that may manage these overrides',
  tunnel_principal_validation_override_automatically_derivable:
    'create or update the tunnel directly: these principals need no override',
  tunnel_principal_association_unverified:
    'name a combination of organization, workspace and tenant that the service can verify, or request an override',
  tunnel_principal_limit_exceeded: 'name fewer tenants, workspaces or organizations',
  tunnel_request_mismatch: 'answer with the same tunnel id that received the command',
  pending_request_not_found:
    'harmless when rare; if it repeats, look for a second client that answers the same commands',
  tunnel_queue_full: 'send fewer calls at a time or add client capacity',
  tunnel_client_not_seen: 'start the client with the id and the key of this tunnel',
  tunnel_client_not_connected: 'start or restart the client, then look at its /readyz and its log',
  tunnel_transport_unavailable: 'the service is switching over; repeat the call if it may run twice',
  oauth_shim_invalid_target_uri: 'use an absolute http(s) URI or harpoon://<label>',
  oauth_shim_unshimmable_endpoint: 'configure the supported metadata endpoints and grouped Harpoon targets',
  oauth_shim_target_not_found: 'correct the label of the Harpoon target and restart',
  oauth_shim_harpoon_call_failed: 'look at the URL of the target, at the upstream server and at the log of the client',
  oauth_shim_upstream_timeout: 'make the Harpoon target and the MCP server answer within the time limit of the tunnel',
  oauth_shim_audience_unavailable: 'update the client: this one cannot look up token audiences',
}
