// Keys that choose the file. They cannot stand in it.

import {row} from './define.ts'

export const SELECTOR_ROWS = [
  row({
    key: 'config',
    flag: 'config',
    env: 'TUNNEL_CLIENT_CONFIG',
    kind: 'path',
    yaml: null,
    emptyFlag: 'error',
    summary: 'YAML file to load',
  }),
  row({
    key: 'profile',
    flag: 'profile',
    env: 'TUNNEL_CLIENT_PROFILE',
    yaml: null,
    hint: '<name>',
    emptyFlag: 'error',
    summary: 'Profile to load from the profile folder',
  }),
  row({
    key: 'profile_file',
    flag: 'profile-file',
    env: 'TUNNEL_CLIENT_PROFILE_FILE',
    kind: 'path',
    yaml: null,
    emptyFlag: 'error',
    summary: 'Profile file to load, ending in .yaml',
  }),
  row({
    key: 'profile_dir',
    flag: 'profile-dir',
    env: 'TUNNEL_CLIENT_PROFILE_DIR',
    kind: 'path',
    yaml: null,
    emptyFlag: 'error',
    summary: 'Folder of the named profiles; $XDG_CONFIG_HOME/tunnel-client or ~/.config/tunnel-client when unset',
  }),
] as const
