// The operator's side of a running daemon: health listener, operator API, process files, trust.

import {dashed, row} from './define.ts'

export const TRUST_ROWS = [
  row({
    key: 'ca_bundle',
    flag: 'ca-bundle',
    env: 'CA_BUNDLE',
    kind: 'path',
    references: 'path',
    emptyFlag: 'hides',
    summary: 'PEM file of certificate authorities to trust besides those of the system',
  }),
] as const

export const OPERATOR_ROWS = [
  row({
    key: 'health.listen_addr',
    flag: 'health.listen-addr',
    flagAliases: dashed('health.listen-addr'),
    env: 'HEALTH_LISTEN_ADDR',
    references: 'yaml',
    default: '127.0.0.1:8080',
    hint: '<host:port>',
    summary: 'Where health, metrics and the operator API listen; port 0 takes a free one',
  }),
  row({
    key: 'health.unix_socket',
    flag: 'health.unix-socket',
    flagAliases: dashed('health.unix-socket'),
    env: 'HEALTH_UNIX_SOCKET',
    kind: 'path',
    references: 'yaml',
    summary: 'Listen on this unix socket instead',
  }),
  row({
    key: 'health.url_file',
    flag: 'health.url-file',
    flagAliases: dashed('health.url-file'),
    env: 'HEALTH_URL_FILE',
    kind: 'path',
    summary: 'File that receives the base URL of the health listener',
  }),
  row({
    key: 'health.show_details',
    flag: 'health.show-details',
    env: 'HEALTH_SHOW_DETAILS',
    kind: 'bool',
    default: 'false',
    summary: 'Show internal names and addresses in /readyz to other machines, too',
  }),
  row({
    key: 'process.pid_file',
    flag: 'pid.file',
    env: 'PID_FILE',
    kind: 'path',
    summary: 'File that receives the process id',
  }),
  row({
    key: 'process.drain_timeout',
    flag: 'drain-timeout',
    env: 'DRAIN_TIMEOUT',
    kind: 'duration',
    default: '25s',
    named: 'layer',
    limits: [{rule: 'at-least', value: 0, says: 'must not be negative'}],
    summary: 'After the first signal: how long calls may take to finish',
  }),
  row({
    key: 'admin_ui.allow_remote',
    flag: 'allow-remote-ui',
    env: 'ALLOW_REMOTE_UI',
    kind: 'bool',
    default: 'false',
    summary: 'Answer the operator API to other machines too',
  }),
  row({
    key: 'admin_ui.open_browser',
    flag: 'open-web-ui',
    env: 'OPEN_WEB_UI',
    kind: 'bool',
    default: 'false',
    summary: 'Accepted and without effect: this version has no page to open',
  }),
  row({
    key: 'admin_ui.log_buffer_events',
    flag: 'admin-ui.log-buffer-events',
    env: 'ADMIN_UI_LOG_BUFFER_EVENTS',
    kind: 'int',
    default: '2000',
    named: 'flag',
    emptyEnv: 'kept',
    limits: [
      {rule: 'above', value: 0, says: 'must be greater than zero'},
      {rule: 'at-most', value: 100_000, says: 'must be <= 100000'},
    ],
    summary: 'Accepted and without effect: no page of this version shows the log',
  }),
] as const
