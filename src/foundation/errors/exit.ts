// The one table of exit codes (design 2): everybody else names a row, nobody writes a number.

/**
 * ok: it worked. failed: an error, wrong usage included, or we could not check. unhealthy: checked, and not healthy.
 * interrupted: a one-shot command ended by Ctrl-C. unread: the reader of stdout has closed its pipe (128 and SIGPIPE).
 */
export const Exit = {ok: 0, failed: 1, unhealthy: 2, interrupted: 130, unread: 141} as const

/** Name of a row of {@link Exit}. */
export type ExitName = keyof typeof Exit
