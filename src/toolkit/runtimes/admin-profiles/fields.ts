// What a profile will hold: flag over stored over variable over default, and what may not be saved at all.

import {resolve} from 'node:path'
import {CONFIG_ROWS, homePath} from '../../../foundation/config/index.ts'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {learnUrlSecrets} from '../../../foundation/platform/index.ts'
import type {AdminProfile} from './profiles-file.ts'
import type {AdminProfileValues} from './store.ts'

/** Fields as a command line gives them. */
export interface AdminProfileFields {
  readonly baseUrl?: string | undefined
  readonly urlPath?: string | undefined
  /** `env:NAME` or `file:PATH`. */
  readonly adminKey?: string | undefined
}

/** Where the values of one profile come from. */
export interface FieldSources {
  /** Name of the profile, for messages. */
  readonly name: string
  readonly given: AdminProfileFields
  readonly stored: AdminProfile | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** A relative key file given on the command line starts here, and is stored as an absolute path. */
  readonly cwd: string
}

const DEFAULT_KEY = 'env:OPENAI_ADMIN_KEY'

/** The first value of each field that is not blank. Nothing is checked. */
export function firstGiven({given, stored, env}: Pick<FieldSources, 'given' | 'stored' | 'env'>): AdminProfileValues {
  return {
    baseUrl: first(given.baseUrl, stored?.control_plane_base_url, env.CONTROL_PLANE_BASE_URL, defaultBaseUrl()),
    urlPath: first(given.urlPath, stored?.control_plane_url_path, env.CONTROL_PLANE_URL_PATH),
    adminKey: first(given.adminKey, stored?.admin_key, DEFAULT_KEY),
  }
}

/** The values to store. @throws TunnelError `TC-ADMIN-PROFILE-INVALID`; a rejected key is never shown. */
export function resolveFields({name, given, stored, env, cwd}: FieldSources): AdminProfileValues {
  const own = {...given, adminKey: absolute(given.adminKey, {cwd, env})}
  const {baseUrl, urlPath, adminKey} = firstGiven({given: own, stored, env})
  const refuse = (what: string): never => {
    throw new TunnelError('TC-ADMIN-PROFILE-INVALID', `admin profile ${name} ${what}`)
  }
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null
  if (url !== null) learnUrlSecrets(url)
  if (url === null || !/^https?:\/\/[^/]/i.test(baseUrl)) {
    return refuse('control_plane_base_url must be an http or https URL with a host')
  }
  if (url.username !== '' || url.password !== '') return refuse('control_plane_base_url must not hold credentials')
  if (urlPath !== '' && !/^\/[^?#]*$/.test(urlPath)) {
    return refuse("control_plane_url_path must start with '/' and hold neither query nor fragment")
  }
  if (!/^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/s.test(adminKey)) {
    return refuse('admin_key must be an env:NAME or file:/path reference')
  }
  return {baseUrl, urlPath, adminKey}
}

const first = (...values: readonly (string | undefined)[]): string =>
  values.map((value) => value?.trim() ?? '').find((value) => value !== '') ?? ''

/** A relative path would lead somewhere else from another folder. */
function absolute(reference: string | undefined, {cwd, env}: Pick<FieldSources, 'cwd' | 'env'>): string | undefined {
  const path = /^\s*file:(.+)$/s.exec(reference ?? '')?.[1]?.trim()
  return path ? `file:${resolve(cwd, homePath(path, env))}` : reference
}

const defaultBaseUrl = (): string => CONFIG_ROWS.find(({key}) => key === 'control_plane.base_url')?.default ?? ''
