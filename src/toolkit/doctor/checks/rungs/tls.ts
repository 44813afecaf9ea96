// The TLS handshake exactly as the daemon does it.

import {traceRung} from '../../ladder/trace-rung.ts'

export const tls = traceRung({
  id: 'tls',
  title: 'The certificate can be trusted',
  why: 'The daemon never sends a key to a machine that it cannot identify.',
  next: ['Give the authority of the certificate with --ca-bundle, or have the certificate renewed'],
})
