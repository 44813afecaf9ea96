// `plugin codex install`: the old name of `codex plugin install`, for scripts.

import CodexPluginInstall from '../../codex/plugin/install.ts'

export default class PluginCodexInstall extends CodexPluginInstall {
  static override hidden = true
}
