// Every secret that a configuration holds, for those who have to keep them out of what they show.

import type {Secret} from '../platform/index.ts'
import type {TunnelConfig} from './types.ts'

/** Keys, values of headers, private keys of certificates. */
export function secretsOf({controlPlane, mcp}: TunnelConfig): Secret[] {
  const headers = [controlPlane.extraHeaders, mcp.extraHeaders, mcp.discoveryExtraHeaders].flat()
  const certificates = [
    controlPlane.clientCertificate,
    ...mcp.bindings.map((binding) => (binding.kind === 'http' ? binding.clientCertificate : null)),
  ]
  return [
    controlPlane.apiKey,
    ...headers.map((header) => header.value),
    ...certificates.flatMap((certificate) => (certificate === null ? [] : [certificate.key])),
  ]
}
