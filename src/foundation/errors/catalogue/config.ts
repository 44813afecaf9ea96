// Errors found while configuration is collected. Nothing has been started when one of these is thrown.

import type {ErrorRow} from './row.ts'

const row = (title: string, ...next: string[]): ErrorRow => ({title, exit: 'failed', next})

export const CONFIG_ERRORS = {
  'TC-CONFIG-INVALID': row(
    'The configuration cannot be used; every problem is listed',
    'Mend the values named above and try again',
  ),
  'TC-CONFIG-SOURCE': row(
    'It is not clear which configuration file to load',
    'Name one of --config, --profile and --profile-file, or none of them',
  ),
  'TC-CONFIG-FILE-UNREADABLE': row('The configuration file cannot be read', 'Check the path and its permissions'),
  'TC-CONFIG-YAML-SYNTAX': row('The configuration file is not YAML', 'Mend the line that is named'),
  'TC-CONFIG-YAML-TYPE': row('A value in the configuration file has the wrong type', 'Mend the line that is named'),
  'TC-CONFIG-YAML-DUPLICATE-KEY': row('A key stands twice in the configuration file', 'Keep one of the two lines'),
  'TC-CONFIG-UNKNOWN-KEY': row(
    'A key in the configuration file does not exist',
    'Remove it, or correct its name; docs/configuration.md lists all keys',
  ),
  'TC-CONFIG-VERSION': row('The configuration file is of a version we do not know', 'Write config_version: 1'),
  'TC-CONFIG-UNSUPPORTED': row('A setting of the reference that is not supported here', 'Remove the setting'),
  'TC-CONFIG-REFERENCE': row(
    'An env: or file: reference leads to nothing',
    'Set the variable or create the file, or correct the reference',
  ),
  'TC-CONFIG-SECRET-UNREADABLE': row(
    'A secret cannot be read from where its reference points',
    'Set the variable or create the file, or correct the reference',
  ),
  'TC-CONFIG-SECRET-LITERAL': row(
    'A secret stands on the command line, where every user of the machine can read it',
    'Export it as CONTROL_PLANE_API_KEY, or write env:NAME or file:PATH',
  ),
  'TC-CONFIG-TUNNEL-ID-MISSING': row(
    'No tunnel is named',
    'Set --control-plane.tunnel-id or CONTROL_PLANE_TUNNEL_ID to the id of your tunnel',
  ),
  'TC-CONFIG-TUNNEL-ID-INVALID': row(
    'The tunnel id is malformed',
    'Copy the id again: tunnel_ and 32 lower-case letters or digits',
  ),
  'TC-CONFIG-API-KEY-MISSING': row('There is no runtime key', 'Export CONTROL_PLANE_API_KEY'),
  'TC-CONFIG-API-KEY-MALFORMED': row(
    'The runtime key holds characters that no key has',
    'Copy the key again, without quotes, blanks or line breaks',
  ),
  'TC-CONFIG-BASE-URL': row(
    'The address of the tunnel service is not a URL',
    'Set --control-plane.base-url to https:// and a host',
  ),
  'TC-CONFIG-URL-PATH': row('The path of the tunnel service is malformed', 'Write a path that starts with /'),
  'TC-CONFIG-VALUE': row('A value cannot be read or is out of bounds', 'Correct the value'),
  'TC-CONFIG-POLL-CHANNEL': row(
    'The channels to serve are malformed or nobody serves them',
    'List channels that an MCP entry serves',
  ),
  'TC-CONFIG-HEADER': row('A header to add is malformed', "Write it as 'Key: Value'"),
  'TC-CONFIG-CA-BUNDLE': row(
    'The file of certificate authorities cannot be used',
    'Point --ca-bundle to a readable PEM file that holds a certificate',
  ),
  'TC-CONFIG-CLIENT-CERTIFICATE': row(
    'A client certificate and its key cannot be used',
    'Name both files, PEM, readable, and belonging together',
  ),
  'TC-CONFIG-MCP-ENTRY': row(
    'An MCP server entry is malformed',
    'Write a URL or command, or channel=NAME,url=URL or channel=NAME,command=COMMAND',
  ),
  'TC-CONFIG-MAIN-CHANNEL-MISSING': row(
    'No MCP server stands behind the main channel',
    'Set --mcp.server-url or --mcp.command',
  ),
  'TC-CONFIG-LOG': row('The settings of the log do not fit together', 'Set --log.format to struct-text or json'),
} as const satisfies Record<string, ErrorRow>
