// What an addition to the product consists of: new files, and lines in the registries that know it.

/** Text to insert into an existing file, in front of the first match of `before`. */
export interface Insertion {
  readonly path: string
  readonly before: RegExp
  readonly text: string
}

/** Everything that `npm run new` writes for one thing. Paths are relative to the root. */
export interface Addition {
  /** Path → text. None of them may exist. */
  readonly files: Readonly<Record<string, string>>
  readonly insertions: readonly Insertion[]
  /** What is left to do by hand, in order. */
  readonly next: readonly string[]
}

/** `disk-space` → `diskSpace` */
export const camel = (name: string): string =>
  name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** `disk-space` → `DiskSpace` */
export const pascal = (name: string): string => camel(`-${name}`)

/** `disk-space` → `disk_space`, as the reference spells check ids. */
export const snake = (name: string): string => name.replaceAll('-', '_')
