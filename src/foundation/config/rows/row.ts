// What one configuration key says about itself. Flags, variables, YAML, validation, docs and schema are derived from it.

/** What a value is. Decides how its text is read and how help shows it. */
export type ConfigKind =
  | 'text'
  | 'path'
  | 'url'
  | 'secret'
  | 'duration'
  | 'int'
  | 'bool'
  | 'enum'
  | 'headers'
  | 'channels'
  | 'http-entries'
  | 'stdio-entries'

/** How the value is written in YAML. Durations, paths and URLs are strings there. */
export type YamlShape = 'string' | 'int' | 'bool' | 'string-list' | 'string-map' | 'entry-list'

/**
 * Where `env:NAME` and `file:PATH` are understood.
 * `yaml`: in YAML only, `file:` means the content. `path`: everywhere, `file:` is the path itself. `secret`: a flag must be
 * a reference, a variable is literal, YAML takes both. `header`: in every header value, `file:` means the content.
 * `entry`: inside entries, by field.
 */
export type ReferenceForm = 'none' | 'yaml' | 'path' | 'secret' | 'header' | 'entry'

/** A bound of a number or duration (milliseconds). `says` follows the name of the setting in the error text. */
export interface ConfigLimit {
  readonly rule: 'at-least' | 'above' | 'at-most' | 'below'
  readonly value: number
  readonly says: string
}

/** One field of an entry in a YAML list of entries. */
export interface EntryField {
  /** Name in YAML, for example `unix_socket`. */
  readonly name: string
  readonly required: boolean
  readonly summary: string
}

/** One configuration key, as plain data. */
export interface ConfigRow {
  /** YAML path, for example `control_plane.poll_timeout`. Also the name that `origin()` takes. */
  readonly key: string
  /** Canonical flag without dashes. */
  readonly flag: string
  /** Hidden spellings of the flag; they count only when the canonical one is absent. */
  readonly flagAliases: readonly string[]
  /** Variables. The first stands above YAML; further ones are asked after YAML. */
  readonly env: readonly string[]
  readonly kind: ConfigKind
  /** Null: the key selects the file, so it cannot stand in it. */
  readonly yaml: YamlShape | null
  /** True when the flag may be given several times. Commas are data then. */
  readonly repeat: boolean
  /** The default as text; null when unset means something of its own. */
  readonly default: string | null
  readonly references: ReferenceForm
  /** True when the value must never be shown. */
  readonly secret: boolean
  /** One line for help and docs, no full stop. */
  readonly summary: string
  /** Placeholder in help, for example `<path>`. */
  readonly hint: string
  /** Values of an `enum`. */
  readonly values?: readonly string[]
  readonly limits?: readonly ConfigLimit[]
  /** Whose name error texts carry: of the layer that gave the value, or always of the flag. */
  readonly named?: 'layer' | 'flag'
  /** A flag that was set to nothing: `falls` through to the layers below, `hides` them, or is an `error`. */
  readonly emptyFlag?: 'falls' | 'hides' | 'error'
  /** A variable or YAML value that is set to nothing: means the `default`, or is handed on as an empty text (`kept`). */
  readonly emptyEnv?: 'default' | 'kept'
  /** Why the bool is refused when it is true: the rest of the sentence that starts with the name of the setting. */
  readonly refusedOn?: string
  /** Fields of an entry, for `entry-list`. */
  readonly fields?: readonly EntryField[]
}
