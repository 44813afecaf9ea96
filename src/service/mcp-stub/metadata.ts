// The OAuth documents that the stub serves, so that discovery has something real to find. Nothing behind them grants tokens.

/** Where the documents are. */
export const METADATA_PATHS = [
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
  '/.well-known/oauth-authorization-server',
  '/jwks',
] as const

/** Path → document, for a base such as `http://127.0.0.1:4000`. */
export function stubMetadata(path: string, base: string): Record<string, unknown> {
  switch (path) {
    case '/.well-known/oauth-protected-resource':
    case '/.well-known/oauth-protected-resource/mcp':
      return {
        authorization_servers: [base],
        resource: `${base}/mcp`,
        scopes_supported: ['read', 'write'],
      }
    case '/.well-known/oauth-authorization-server':
      return {
        authorization_endpoint: `${base}/authorize`,
        code_challenge_methods_supported: ['S256'],
        grant_types_supported: ['authorization_code', 'refresh_token'],
        issuer: base,
        jwks_uri: `${base}/jwks`,
        registration_endpoint: `${base}/register`,
        response_types_supported: ['code'],
        token_endpoint: `${base}/token`,
        token_endpoint_auth_methods_supported: ['none', 'client_secret_post'],
      }
    default:
      return {keys: []}
  }
}
