// What a configuration file said, still as text: meaning is given later, by the same code that reads flags and variables.

/** A scalar and the line it stands on. */
export interface FileText {
  readonly text: string
  readonly line: number
}

/** The value of one key. `line` is that of the key. */
export type FileValue =
  | ({readonly shape: 'scalar'} & FileText)
  | {readonly shape: 'list'; readonly items: readonly FileText[]; readonly line: number}
  | {readonly shape: 'map'; readonly items: readonly (FileText & {readonly name: string})[]; readonly line: number}
  | {readonly shape: 'entries'; readonly items: readonly FileEntry[]; readonly line: number}
  /** Something else stood there; the problem has been reported. */
  | {readonly shape: 'broken'; readonly line: number}
  /** A key without a row; only whether it is empty or false matters. */
  | {readonly shape: 'foreign'; readonly text: string; readonly empty: boolean; readonly line: number}

/** One item of a list of entries. Fields that are null or absent are not there. */
export interface FileEntry {
  readonly fields: Readonly<Record<string, FileText>>
  readonly line: number
}

/** A file after reading. */
export interface FileValues {
  /** The path as it was given. */
  readonly path: string
  /** By YAML path. Keys that are absent or null are not there. */
  readonly values: ReadonlyMap<string, FileValue>
  /** False when the file as a whole could not be understood, so that nothing can be called missing. */
  readonly complete: boolean
}
