// What a child may see of our environment: everything but the keys of the tunnel. A server runs code of others.

const ALWAYS_REMOVED = ['CONTROL_PLANE_API_KEY', 'OPENAI_ADMIN_KEY']

/** The environment of a child, and the names of what was taken out of it. */
export interface ChildEnvironment {
  readonly env: Record<string, string | undefined>
  readonly removed: readonly string[]
}

/** Copies `env` without the keys and without the variables that secrets were read from. */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  secretVariables: readonly string[],
): ChildEnvironment {
  const removed = [...new Set([...ALWAYS_REMOVED, ...secretVariables])].filter((name) => env[name] !== undefined)
  const kept = Object.entries(env).filter(([name]) => !removed.includes(name))
  return {env: Object.fromEntries(kept), removed: removed.toSorted()}
}
