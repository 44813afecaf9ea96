// Profiles and samples as the lines that the reference prints.

import {connectorNote, SETUP_PAGES} from '../../foundation/config/index.ts'
import {type Block, note, page, text} from '../../foundation/platform/index.ts'
import type {SavedProfile} from './add-profile.ts'
import type {InitResult} from './init-profile.ts'
import type {SampleText} from './sample-text.ts'
import type {ProfileSample} from './samples.ts'
import type {ProfileEntry} from './store.ts'
import type {ProfileVerdict} from './verdict.ts'

const bullets = (title: string, items: readonly string[]): string[] =>
  items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `  - ${item}`)]
const warnings = (all: readonly string[]): Block[] => all.map((one) => note(`Warning: ${one}`, 'warn'))

const SERVICE: Readonly<Record<string, string>> = {
  CONTROL_PLANE_BASE_URL: 'Tunnel service',
  CONTROL_PLANE_URL_PATH: 'Path below it',
}

/** What `init` made and how to go on. */
export function initBlocks({profile, path, sample, from_env, notes = [], warnings: told, next}: InitResult): Block[] {
  const taken = Object.entries(from_env ?? {}).map(([name, value]) => `${SERVICE[name]}: ${value} (env ${name})`)
  return [
    text([`Created profile ${profile} at ${path}`, `Sample: ${sample}`, ...taken]),
    ...notes.map((one) => note(`Note: ${one}`)),
    ...warnings(told),
    text([
      'Next:',
      ...next.map((command) => `  ${command}`),
      'Canonical setup URLs:',
      ...Object.values(SETUP_PAGES).map(({label, url}) => `  - ${label}: ${url}`),
      'Connector runtime note:',
      `  ${connectorNote(next.at(-1) ?? 'tunnel-client run')}`,
    ]),
  ]
}

/** `Added` or `Saved`, and what will not work yet. */
export const savedBlocks = (
  verb: 'Added' | 'Saved',
  {profile, path, notes = [], warnings: told}: SavedProfile,
): Block[] => [
  text([`${verb} profile ${profile} at ${path}`]),
  ...notes.map((one) => note(`Note: ${one}`)),
  ...warnings(told),
]

/** Name, tab, path. */
export const listBlocks = (profiles: readonly ProfileEntry[], dir: string): Block[] => [
  text(profiles.length === 0 ? [`No profiles found in ${dir}`] : profiles.map(({name, path}) => [name, path])),
]

/** Name, tab, summary. */
export const sampleListBlocks = (samples: readonly ProfileSample[]): Block[] => [
  text(samples.map(({name, summary}) => [name, summary])),
]

/** A sample with what it takes and its text. */
export const sampleBlocks = ({sample, yaml}: SampleText): Block[] => [
  text([
    `Sample: ${sample.name}`,
    `Summary: ${sample.summary}`,
    `Use when: ${sample.useWhen}`,
    ...bullets('Required', sample.required),
    ...bullets('Optional', sample.optional),
    ...bullets('Notes', sample.notes),
    '',
  ]),
  page(yaml),
]

/** What is wrong with a profile, a line each, and the verdict. */
export function verdictBlocks({profile, path, result, problems}: ProfileVerdict): Block[] {
  const tones = {fail: 'FAIL', warn: 'WARN'} as const
  return [
    ...problems.map(({status, message}) => note(`${tones[status]}  ${message}`, status)),
    note(result === 'ok' ? `Profile ${profile} is valid: ${path}` : `Profile ${profile} is not valid: ${path}`),
  ]
}
