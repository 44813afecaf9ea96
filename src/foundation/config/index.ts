// Front door of the config room. Importing it loads rows (plain data) only; loading a configuration imports the rest.

export {checkConfigFile, type FileCheck, type FileCheckInput} from './check-file.ts'
export {configJsonSchema} from './docs/json-schema.ts'
export {configReference} from './docs/reference.ts'
export {connectorNote, SETUP_PAGES} from './docs/setup-pages.ts'
export {confinedProfile} from './file/confined-profile.ts'
export {publicText} from './file/public-text.ts'
export {rewriteValues} from './file/rewrite-values.ts'
export {resolveConfigSource, resolveProfileDir, type SourceInput, validateProfileName} from './file/source.ts'
export {type LoadInput, loadConfig} from './load.ts'
export {type AdminConfig, type AdminInput, loadAdminConfig, type ServiceKey} from './load-admin.ts'
export {originText, problemCheckId} from './problems.ts'
export {CONFIG_ROWS, type ConfigKey} from './rows/index.ts'
export {REFUSED_KEYS, type RefusedKey} from './rows/refused.ts'
export type {ConfigKind, ConfigLimit, ConfigRow, EntryField, ReferenceForm, YamlShape} from './rows/row.ts'
export {secretsOf} from './secrets-of.ts'
export type {
  ClientCertificate,
  ConfigHeader,
  ConfigSource,
  McpBinding,
  Origin,
  TunnelConfig,
} from './types.ts'
export {expandHome, homePath} from './values/home-path.ts'
