// How people get Codex itself. Fixed data of the reference: we print commands, we never run them.

import {resolveExecutable} from '../../../foundation/platform/index.ts'

/** Where Codex's own documentation is. */
export const CODEX_DOCS_URL = 'https://developers.openai.com/codex/cli'

/** One way. */
export interface InstallMethod {
  readonly name: string
  readonly install_command: string
  readonly upgrade_command: string
  readonly uninstall_command: string
}

/** What a guide is about. */
export type InstallAction = 'install' | 'upgrade' | 'uninstall'

const HOMEBREW: InstallMethod = {
  name: 'homebrew',
  install_command: 'brew install codex',
  upgrade_command: 'brew upgrade codex',
  uninstall_command: 'brew uninstall codex',
}
const NPM: InstallMethod = {
  name: 'npm',
  install_command: 'npm install -g @openai/codex',
  upgrade_command: 'npm i -g @openai/codex@latest',
  uninstall_command: 'npm uninstall -g @openai/codex',
}

/** All ways, in the reference's order. */
export const INSTALL_METHODS: readonly InstallMethod[] = [HOMEBREW, NPM]

/** The way that suits this machine: Homebrew on a Mac that has it, else npm, else Homebrew. */
export async function preferredMethod(options: {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly platform: NodeJS.Platform
}): Promise<InstallMethod> {
  const {env, cwd, platform} = options
  const has = async (name: string): Promise<boolean> => (await resolveExecutable({name, env, cwd})).found
  const [brew, npm] = await Promise.all([has('brew'), has('npm')])
  if (brew && (platform === 'darwin' || !npm)) return HOMEBREW
  return NPM
}

/** The answer of `codex install | upgrade | uninstall --json`. */
export interface InstallGuide {
  readonly action: InstallAction
  readonly docs_url: string
  readonly preferred_method: string
  readonly methods: readonly InstallMethod[]
}

/** What to print for an action. */
export async function installGuide(
  action: InstallAction,
  machine: {readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string},
): Promise<InstallGuide> {
  const preferred = await preferredMethod({...machine, platform: process.platform})
  return {action, docs_url: CODEX_DOCS_URL, preferred_method: preferred.name, methods: INSTALL_METHODS}
}

/** The command of a method for an action. */
export function commandFor(method: InstallMethod, action: InstallAction): string {
  return method[`${action}_command`]
}
