// Times of the health documents: whole seconds, as the Go client writes them.

/** Milliseconds since the epoch as RFC 3339 in UTC. */
export const iso = (wall: number): string => new Date(wall).toISOString().replace(/\.\d+Z$/, 'Z')
