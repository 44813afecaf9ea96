// `plugin codex uninstall`: the old name of `codex plugin uninstall`, for scripts.

import CodexPluginUninstall from '../../codex/plugin/uninstall.ts'

export default class PluginCodexUninstall extends CodexPluginUninstall {
  static override hidden = true
}
