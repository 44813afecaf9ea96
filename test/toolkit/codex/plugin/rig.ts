// Installs and removes the plugin in a scratch home, as the commands do.

import {join} from 'node:path'
import {type InstallOptions, installPlugin} from '../../../../src/toolkit/codex/plugin/install.ts'
import {pluginStatus} from '../../../../src/toolkit/codex/plugin/plugin-status.ts'
import {uninstallPlugin} from '../../../../src/toolkit/codex/plugin/uninstall.ts'
import {RUN_JS} from '../../../support/cli.ts'
import type {Scratch} from '../real-codex.ts'

const ROOT = join(import.meta.dirname, '../../../..')

export const PROGRAM = {node: process.execPath, runJs: RUN_JS, version: '1.2.3'}

type Env = Record<string, string>

export const options = (scratch: Scratch, env: Env, more: Partial<InstallOptions> = {}): InstallOptions => ({
  env,
  cwd: scratch.folder,
  program: PROGRAM,
  templates: join(ROOT, 'templates', 'codex-plugin'),
  stateRoot: scratch.path('state'),
  profileDir: scratch.path('profiles'),
  passEnv: [],
  ...more,
})

/** The three verbs for one machine. */
export const pluginOf = (scratch: Scratch, env: Env) => ({
  install: (more: Partial<InstallOptions> = {}) => installPlugin(options(scratch, env, more)),
  uninstall: (more: {marketplace?: string} = {}) => uninstallPlugin({env, cwd: scratch.folder, ...more}),
  status: (more: {marketplace?: string} = {}) => pluginStatus({env, cwd: scratch.folder, program: PROGRAM, ...more}),
})
