// `codex plugin …` for people, in the lines that scripts of the reference match.

import {type Block, note, text} from '../../../foundation/platform/index.ts'
import {PLUGIN_NAME} from '../codex-home.ts'
import type {ExportReport} from '../plugin/export.ts'
import type {InstallReport} from '../plugin/install.ts'
import type {PluginStatus} from '../plugin/plugin-status.ts'
import type {UninstallReport} from '../plugin/uninstall.ts'
import {section} from './sections.ts'

/** What was installed and what comes next. */
export function installBlocks(report: InstallReport): Block[] {
  const how = report.layout === 'codex' ? '' : ' (without Codex on this machine: it loads the plugin when it comes)'
  return lines([
    `Installed ${PLUGIN_NAME} into ${report.plugin_dir}${how}`,
    `Updated Codex config ${report.config_path}`,
    `Persisted binary hint ${report.plugin_binary_hint_path}`,
    'Next:',
    '  tunnel-client help plugin',
    `  test -f ${shown(`${report.plugin_dir}/.codex-plugin/plugin.json`)}`,
    `  test -f ${shown(report.plugin_binary_hint_path)}`,
    '  start a new Codex session if plugins were already loaded',
  ])
}

/** What was removed. */
export function uninstallBlocks(report: UninstallReport): Block[] {
  const others = report.other_marketplaces.map(
    (name) => `Still installed from ${name}: tunnel-client codex plugin uninstall --marketplace ${name}`,
  )
  if (!report.was_installed) return lines([`Tunnel MCP plugin is not installed in ${report.codex_home}`, ...others])
  return lines([
    report.removed_plugin_dir
      ? `Removed on-disk ${PLUGIN_NAME} plugin bundle from ${report.plugin_dir}`
      : `No on-disk ${PLUGIN_NAME} plugin bundle found in ${report.plugin_dir}`,
    report.removed_config
      ? `Removed on-disk Codex config section from ${report.config_path}`
      : `No matching on-disk Codex config section found in ${report.config_path}`,
    ...others,
    'Next:',
    '  tunnel-client codex plugin install',
    '  restart any existing Codex session if the plugin was already loaded',
  ])
}

/** Where the bundle is and how to install it from there. */
export function exportBlocks({dir, plugin_binary_hint_path: hint}: ExportReport): Block[] {
  const folder = shown(dir)
  return lines([
    `Exported embedded Codex plugin bundle to ${dir}`,
    `Persisted binary hint ${hint}`,
    'Next:',
    `  ${folder}/scripts/tunnel_mcp self-check`,
    `  macOS/Linux: cd ${folder} && sh scripts/install_plugin.sh --tunnel-client-bin /path/to/tunnel-client`,
    `  Windows PowerShell: Set-Location ${folder}; powershell -NoProfile -ExecutionPolicy Bypass -File .\\scripts\\Install-Plugin.ps1 --tunnel-client-bin C:\\path\\to\\tunnel-client.exe`,
  ])
}

/** Whether the installed plugin would start. */
export function pluginStatusBlocks(status: PluginStatus): Block[] {
  const about = section('Tunnel MCP plugin', [
    ['Status', status.state],
    ['Key', status.plugin_key],
    ['Layout', status.layout ?? undefined],
    ['Dir', status.plugin_dir],
    ['Version', status.plugin_version],
    ['Starts', status.command?.map(shown).join(' ')],
    ['Config path', status.config_path],
  ])
  const next = status.next === undefined ? [] : [note(`Next: ${status.next}`)]
  return [text(about), ...status.problems.map((problem) => note(problem, 'warn')), ...next]
}

const lines = (all: readonly string[]): Block[] => [text(all)]

/** A path as a shell takes it; plain ones stay as they are. */
const shown = (path: string): string =>
  /^[\w@%+=:,./\\-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
