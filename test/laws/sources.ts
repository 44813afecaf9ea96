// The sources as the laws see them: files, their text, and what they import.

import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join, relative, resolve} from 'node:path'
import ts from 'typescript'

/** Folder of package.json. */
export const ROOT = resolve(import.meta.dirname, '../..')

/** One source file. `path` is relative to the root, with slashes. */
export interface Source {
  readonly path: string
  readonly text: string
  /** Specifiers of static, type, re-exporting and literal dynamic imports. */
  readonly imports: readonly string[]
}

/** TypeScript and JavaScript files below `folders`, sorted. */
export function sourcesIn(...folders: string[]): Source[] {
  return folders
    .flatMap((folder) => filesIn(folder))
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8')
      return {path, text, imports: ts.preProcessFile(text, true, true).importedFiles.map(({fileName}) => fileName)}
    })
}

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile() && /\.(m?js|ts|tsx)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('node_modules'))
    .sort()
}

/** Path of a relative import from the root; undefined for a package. */
export function target(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return relative(ROOT, resolve(ROOT, dirname(from), specifier))
}

/** Package name of a bare specifier: `@scope/name/sub` → `@scope/name`; builtins keep their `node:`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}
