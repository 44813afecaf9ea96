// `plugin codex export`: the old name of `codex plugin export`, for scripts.

import CodexPluginExport from '../../codex/plugin/export.ts'

export default class PluginCodexExport extends CodexPluginExport {
  static override hidden = true
}
