// How channels are named on the wire.

const PATTERN = /^[a-z0-9_-]{1,64}$/

/** The channel that a command means when it names none. */
export const MAIN_CHANNEL = 'main'

/** Trimmed, lower case, `main` when empty; null when it is no channel name. */
export function normalizeChannel(raw: string): string | null {
  if (raw === '' || raw === MAIN_CHANNEL) return MAIN_CHANNEL
  const name = raw.trim().toLowerCase()
  if (name === '') return MAIN_CHANNEL
  return PATTERN.test(name) ? name : null
}
