// The small configuration of the management commands: which tunnel service, and with which key. No file is read for it.

import type {Secret} from '../platform/index.ts'
import type {LoadInput} from './load.ts'
import type {TunnelConfig} from './types.ts'

/** What it is made from. */
export interface AdminInput extends Pick<LoadInput, 'flags' | 'env' | 'cwd'> {
  /** `--admin-key`: a reference, never a key. */
  readonly adminKey: string | undefined
  /** `read`: without an admin key a runtime key will do. `manage`: never. */
  readonly access: 'read' | 'manage'
}

/** A key and what to call it. */
export interface ServiceKey {
  readonly value: Secret
  readonly kind: 'admin' | 'runtime'
  /** Where it came from, as a reference: `env:OPENAI_ADMIN_KEY`, `file:/run/secrets/admin`. */
  readonly source: string
}

/** What the management client needs. */
export interface AdminConfig {
  /** Scheme, host and port only. */
  readonly baseUrl: URL
  /** Empty, or starting with `/` and without a trailing one. */
  readonly urlPath: string
  readonly caBundle: TunnelConfig['trust']['caBundle']
  readonly key: ServiceKey
}

/**
 * Loads flags over environment over defaults.
 * @throws TunnelError `TC-CONFIG-INVALID` for address and certificates, `TC-ADMIN-KEY` for the key.
 */
export async function loadAdminConfig(input: AdminInput): Promise<AdminConfig> {
  const {assembleAdmin} = await import('./assemble/admin.ts')
  return await assembleAdmin(input)
}
