// The path of a unix socket has little room in the system's address. What is longer is cut in silence by the layers below:
// the socket then lies at, or leads to, another path.

/** Bytes of `sun_path` without the zero at its end. */
const MAX_BYTES = process.platform === 'linux' ? 107 : 103

/** Why a path cannot be that of a unix socket, as the rest of a sentence; null when it can. */
export function socketPathProblem(path: string): string | null {
  const bytes = Buffer.byteLength(path)
  // A named pipe has a limit of its own, which the system enforces.
  if (process.platform === 'win32' || bytes <= MAX_BYTES) return null
  return `has ${bytes} bytes; a unix socket path has at most ${MAX_BYTES} on this system`
}

/** What to do about it. */
export const SOCKET_PATH_NEXT = 'Choose a shorter path, for example below /tmp or $XDG_RUNTIME_DIR'
