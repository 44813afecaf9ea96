// `codex install | upgrade | uninstall` for people: commands to copy.

import {type Block, text} from '../../../foundation/platform/index.ts'
import {commandFor, type InstallGuide} from '../program/install-methods.ts'

const INTRO = {
  install: 'Codex is installed by a package manager; nothing is run here.',
  upgrade: 'Codex is upgraded by the package manager that installed it; nothing is run here.',
  uninstall: 'Codex is removed by the package manager that installed it; nothing is run here.',
}

/** Shows a guide. */
export function guideBlocks({action, preferred_method, methods, docs_url}: InstallGuide): Block[] {
  const preferred = methods.find(({name}) => name === preferred_method)!
  const others = methods.filter((method) => method !== preferred)
  const lines = [
    INTRO[action],
    `Preferred on this host: ${preferred.name}`,
    `  ${commandFor(preferred, action)}`,
    'Fallbacks:',
    ...others.map((method) => `  ${method.name}: ${commandFor(method, action)}`),
    `Docs: ${docs_url}`,
  ]
  return [text(lines)]
}
