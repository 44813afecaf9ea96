// A fresh accepted poll of the running daemon proves the whole ladder of the control plane: nothing is sent.

import {type CheckContext, type Finding, pass} from '../check.ts'

/** The finding of every rung of `control_plane` while the daemon's proof is fresh; null otherwise. */
export async function provedByDaemon(context: CheckContext<'proof'>): Promise<Finding | null> {
  if (context.destination?.kind !== 'control_plane') return null
  const proof = await context.fact('proof')
  if (proof === null) return null
  const who = proof.pid === null ? 'the running daemon' : `the running daemon (pid ${proof.pid})`
  return pass(`${who} had a poll accepted ${Math.round(proof.ageMs / 1000)} s ago`, {source: 'daemon'})
}
