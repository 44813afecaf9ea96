// What the answer to the metadata request proves about the key, and about what it may do.

import {FAILURES, type FailureClass} from '../../../foundation/errors/index.ts'
import type {MetadataOutcome} from '../../../tunnel/control-plane/index.ts'

/** Auth first; `read` only means something once the key was accepted. */
export type MetadataVerdict =
  | {
      readonly auth: 'accepted'
      /** `granted`, or why not. `denied`: polling may work all the same. */
      readonly read: 'granted' | 'denied' | 'failed'
      readonly failure: FailureClass | null
      readonly message: string
      readonly advice: string | null
    }
  | {
      readonly auth: 'refused' | 'unknown'
      readonly failure: FailureClass
      readonly message: string
      readonly advice: string | null
    }

const ORGANIZATION = new Set(['tunnel_active_organization_required', 'tunnel_active_organization_context_required'])

/** Judges by the code of the service, then by the status. */
export function judgeMetadata(outcome: MetadataOutcome, tunnelId: string): MetadataVerdict {
  const accepted = {auth: 'accepted'} as const
  if (outcome.kind === 'ok') {
    const {id} = outcome.metadata
    if (id === tunnelId) return {...accepted, read: 'granted', failure: null, message: 'Read', advice: null}
    const message = `asked for ${tunnelId}, answered for ${id}`
    return {...accepted, read: 'failed', failure: 'identity', message, advice: null}
  }
  const {failure, message, status, code, mitigation} = outcome.failure
  const told = {message: said(outcome.failure), advice: mitigation}
  if (code !== null && ORGANIZATION.has(code)) return {...accepted, read: 'failed', failure: 'org_missing', ...told}
  if (code === 'tunnel_missing_principals') return {...accepted, read: 'failed', failure: 'key_principal', ...told}
  if (failure === 'rate_limited') return {auth: 'unknown', failure, ...told}
  if (status === 403 && (code?.startsWith('tunnel_') ?? false)) return {...accepted, read: 'denied', failure, ...told}
  if (failure === 'tunnel_unknown') return {...accepted, read: 'failed', failure, ...told}
  if (status !== null && FAILURES[failure].rung === 'scope') return {...accepted, read: 'failed', failure, ...told}
  return {auth: 'refused', failure, message: status === null ? message : told.message, advice: mitigation}
}

/** Status, code and the service's own words. */
function said({status, code, detail, message}: Extract<MetadataOutcome, {kind: 'failed'}>['failure']): string {
  if (status === null) return message
  return [`HTTP ${status}`, code, detail === null ? null : `(${detail})`].filter((part) => part !== null).join(' ')
}

/** A message without the service's own sentence: the code says it shorter. */
export const terse = (message: string): string =>
  message.endsWith(')') && message.includes(' (') ? message.slice(0, message.indexOf(' (')) : message
