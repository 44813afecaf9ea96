// Turns "which daemon?" into an address: a URL, a file holding one, or a loopback port.

import {readFile} from 'node:fs/promises'
import {TunnelError} from '../../foundation/errors/index.ts'
import {fileProblem} from '../../foundation/platform/index.ts'
import {normalizeHealthUrl, parseHealthUrl} from './health-url.ts'

/** Exactly one of the three is given; 0 and blank count as not given. */
export interface DaemonLocator {
  readonly url?: string | undefined
  readonly urlFile?: string | undefined
  readonly port?: number | undefined
}

/** How the address was found. Member names and order are the reference's JSON. */
export interface LocatorReport {
  readonly kind?: 'url' | 'url_file' | 'port'
  readonly url?: string
  readonly url_file?: string
  readonly port?: number
  readonly resolved_base_url?: string
  readonly error?: string
}

/** Resolves a locator. Throws TC-CLI-USAGE unless exactly one is given; an unreadable file is a result. */
export async function locate({url = '', urlFile = '', port = 0}: DaemonLocator): Promise<LocatorReport> {
  const given = [url.trim() !== '', urlFile.trim() !== '', port !== 0].filter(Boolean).length
  if (given !== 1) throw new TunnelError('TC-CLI-USAGE', 'choose exactly one of --url, --url-file, or --port')
  if (port < 0) throw new TunnelError('TC-CLI-USAGE', '--port must be positive')

  if (port !== 0) return {kind: 'port', port, resolved_base_url: `http://127.0.0.1:${port}`}
  if (url.trim() !== '') {
    const base = normalizeHealthUrl(url)
    const report = {kind: 'url', url: url.trim()} as const
    return base === ''
      ? {...report, error: 'health URL is empty after normalization'}
      : {...report, resolved_base_url: base}
  }
  const path = urlFile.trim()
  const report = {kind: 'url_file', url_file: path} as const
  try {
    const base = normalizeHealthUrl(await readFile(path, 'utf8'))
    // What else is in the file may be a key: it is not shown.
    return parseHealthUrl(base) === null
      ? {...report, error: `${path} did not contain a health URL`}
      : {...report, resolved_base_url: base}
  } catch (thrown) {
    return {...report, error: `read ${path}: ${fileProblem(path, thrown)}`}
  }
}
