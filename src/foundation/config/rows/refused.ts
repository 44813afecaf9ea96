// Settings of the reference without a row here. They are recognised, so that nobody believes they had an effect.

/** A setting that is refused, or accepted because it changes nothing. */
export interface RefusedKey {
  /** YAML path. */
  readonly key: string
  /** Without dashes. */
  readonly flag: string
  readonly env: string
  /** True when the flag needs no value. */
  readonly bool: boolean
  /** What is accepted: `any` value (it only tunes what is absent here), the bool `off`, or nothing but an `empty` value. */
  readonly accepts: 'any' | 'off' | 'empty'
  /** The rest of the sentence that starts with the name of the setting. */
  readonly says: string
}

const PROXY = 'is not supported yet: connections of this version are direct'
const HARPOON = 'is not supported yet: this version serves no Harpoon targets'
const CLOUDFLARED = 'is not supported: tunnel-client does not run cloudflared (docs/compatibility.md says why)'
const BOOLS = /_plaintext_http$|_(loopback|private|payloads)$|\.managed$/
const key = (path: string, env: string, accepts: RefusedKey['accepts'], says: string): RefusedKey => ({
  key: path,
  // The flags of the two lists are given once for each element, in the singular.
  flag: path.replaceAll('_', '-').replace(/(target|transport)s$/, '$1'),
  env,
  bool: BOOLS.test(path),
  accepts,
  says,
})

export const REFUSED_KEYS: readonly RefusedKey[] = [
  key('http_proxy', 'TUNNEL_CLIENT_HTTP_PROXY', 'empty', PROXY),
  key('control_plane.http_proxy', 'CONTROL_PLANE_HTTP_PROXY', 'empty', PROXY),
  key('mcp.http_proxy', 'MCP_HTTP_PROXY', 'empty', PROXY),
  key('harpoon.targets', 'HARPOON_TARGETS', 'empty', HARPOON),
  key('harpoon.allow_plaintext_http', 'HARPOON_ALLOW_PLAINTEXT_HTTP', 'any', HARPOON),
  key('harpoon.max_response_bytes', 'HARPOON_MAX_RESPONSE_BYTES', 'any', HARPOON),
  key('harpoon.max_redirects', 'HARPOON_MAX_REDIRECTS', 'any', HARPOON),
  key('harpoon.http_proxy', 'HARPOON_HTTP_PROXY', 'any', HARPOON),
  key('harpoon.additional_transports', 'HARPOON_ADDITIONAL_TRANSPORTS', 'any', HARPOON),
  key('harpoon.hosts_include_suffix', 'HARPOON_HOSTS_INCLUDE_SUFFIX', 'any', HARPOON),
  key('harpoon.hosts_include_regex', 'HARPOON_HOSTS_INCLUDE_REGEX', 'any', HARPOON),
  key('harpoon.hosts_include_loopback', 'HARPOON_HOSTS_INCLUDE_LOOPBACK', 'any', HARPOON),
  key('harpoon.hosts_include_private', 'HARPOON_HOSTS_INCLUDE_PRIVATE', 'any', HARPOON),
  key('harpoon.capture_payloads', 'HARPOON_CAPTURE_PAYLOADS', 'any', HARPOON),
  key('proxy.check_interval', 'PROXY_CHECK_INTERVAL', 'any', PROXY),
  key('cloudflared.token', 'CLOUDFLARED_TUNNEL_TOKEN', 'empty', CLOUDFLARED),
  key('cloudflared.managed', 'CLOUDFLARED_MANAGED', 'off', CLOUDFLARED),
  key('cloudflared.path', 'CLOUDFLARED_PATH', 'any', CLOUDFLARED),
  key('cloudflared.ready_timeout', 'CLOUDFLARED_READY_TIMEOUT', 'any', CLOUDFLARED),
]
