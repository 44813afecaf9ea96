// Front door of the Codex room: what Codex is on this machine, and the plugin that lets it manage tunnels.

export {type PluginProgram, pluginProgram} from './plugin/bundle.ts'
export {type ExportOptions, type ExportReport, exportPlugin} from './plugin/export.ts'
export {type InstallOptions, type InstallReport, installPlugin} from './plugin/install.ts'
export {type PluginStatus, pluginStatus} from './plugin/plugin-status.ts'
export {type UninstallReport, uninstallPlugin} from './plugin/uninstall.ts'
export {guideBlocks} from './present/present-guide.ts'
export {exportBlocks, installBlocks, pluginStatusBlocks, uninstallBlocks} from './present/present-plugin.ts'
export {diagnosisBlocks, statusBlocks} from './present/present-status.ts'
export {type InstallAction, type InstallGuide, installGuide} from './program/install-methods.ts'
export {type CodexDiagnosis, codexDiagnose} from './status/codex-diagnose.ts'
export {type CodexStatus, codexStatus} from './status/codex-status.ts'
export {findSurroundings, type Machine, profileDirOf, type Surroundings} from './surroundings.ts'
