// Real parts that a test talks to and that a machine may lack. Without one, a suite is skipped and the run says how to get
// it; REQUIRE_PARTS=1 (CI) turns a missing part into a failure, except for those named in OPTIONAL_PARTS.

import {spawnSync} from 'node:child_process'
import {accessSync, constants} from 'node:fs'
import {delimiter, join} from 'node:path'
import type {TestContext} from 'vitest'

/** Something real that a test needs. */
export interface Part {
  readonly name: string
  /** How to get it, as a sentence that starts with a verb. */
  readonly get: string
  /** False, or why it is missing. */
  missing(): false | string
}

/** Marks a skip note, for the summary at the end of a run. */
export const MISSING_PART = 'missing part: '

/** Names of parts that may be missing even in CI, comma-separated in OPTIONAL_PARTS. */
const optional = (): readonly string[] => (process.env.OPTIONAL_PARTS ?? '').split(',')

/** `beforeEach(needs(OPENSSL))`: skips the test with its reason, or fails it under REQUIRE_PARTS=1. */
export const needs =
  (...parts: readonly Part[]) =>
  (context: Pick<TestContext, 'skip'>): void => {
    for (const part of parts) {
      const why = part.missing()
      if (why === false) continue
      const note = `${MISSING_PART}${part.name} (${why}). ${part.get}`
      if (process.env.REQUIRE_PARTS === '1' && !optional().includes(part.name)) throw new Error(note)
      context.skip(note)
    }
  }

/** A program that has to be on the PATH (or in sbin). */
export const program = (name: string, debianPackage: string): Part => ({
  name,
  get: `Install it: apt-get install ${debianPackage}`,
  missing: () => (pathOf(name) === undefined ? 'not on the PATH' : false),
})

/** The right to make network and mount namespaces, as root or through user namespaces. */
export const NAMESPACES: Part = {
  name: 'network and mount namespaces',
  get: 'Run as root on Linux with util-linux installed',
  missing: () => {
    const tried = spawnSync('unshare', ['-n', '-m', 'true'], {encoding: 'utf8'})
    if (tried.error) return 'unshare is not installed'
    return tried.status === 0 ? false : tried.stderr.trim() || 'unshare is not permitted'
  },
}

/** The right to make PID namespaces. */
export const PID_NAMESPACES: Part = {
  name: 'PID namespaces',
  get: 'Run as root on Linux with util-linux installed',
  missing: () => {
    const tried = spawnSync('unshare', ['-p', '-f', '--mount-proc', 'true'], {encoding: 'utf8'})
    if (tried.error) return 'unshare is not installed'
    return tried.status === 0 ? false : tried.stderr.trim() || 'unshare is not permitted'
  },
}

/** The right to give files to another user. */
export const ROOT: Part = {
  name: 'files of another user',
  get: 'Run as root',
  missing: () => (process.getuid?.() === 0 ? false : 'this user cannot change the owner of a file'),
}

/** Full path of a program; undefined when there is none. */
export function pathOf(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
