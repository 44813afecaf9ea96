// The document of a question that is not answered. Types only.

/** Status 400 or 404. */
export interface ApiErrorDocument {
  readonly schema_version: 1
  readonly error: {
    readonly code: 'bad_query' | 'unknown_call' | 'ambiguous_call'
    readonly message: string
    /** The query parameter that is wrong. */
    readonly parameter?: string
    /** Request ids that the given one may mean, newest first, ten at most. */
    readonly candidates?: readonly string[]
  }
}
