// The page docs/configuration.md, written from the rows, so that it cannot say anything else than the loader does.

import {CONFIG_ROWS} from '../rows/index.ts'
import {REFUSED_KEYS} from '../rows/refused.ts'
import type {ConfigRow} from '../rows/row.ts'

const GROUPS: readonly {readonly title: string; readonly has: (row: ConfigRow) => boolean}[] = [
  {title: 'Choosing the file', has: (row) => row.yaml === null},
  {title: 'Tunnel service', has: (row) => row.key.startsWith('control_plane.')},
  {title: 'MCP servers', has: (row) => row.key.startsWith('mcp.')},
  {title: 'Health, operator API and process', has: (row) => /^(?:health|admin_ui|process)\./.test(row.key)},
  {title: 'Log', has: (row) => row.key.startsWith('log.')},
  {title: 'Trust', has: (row) => row.yaml !== null && !row.key.includes('.')},
]

const INTRO = `# Configuration

Every setting has a flag, an environment variable and a YAML key. A flag wins over a variable, a variable over YAML, and YAML
over the default. A variable that is set to nothing hides the YAML value and means the default; a text flag that is set to
nothing counts as absent.

All problems are reported together, each with its code, its origin (flag, variable, or file and line) and what to do.

The file starts with \`config_version: 1\` (optional). Unknown and repeated keys are errors. Only the first YAML document counts.`

const NOTES = `## References

| Written in | \`env:NAME\` | \`file:PATH\` |
| --- | --- | --- |
| The flag \`--control-plane.api-key\` (nothing else is accepted there) | the key | a file that holds the key |
| YAML: \`control_plane.api_key\`, addresses, URLs, commands | the value | a file that holds the value |
| certificates, keys, CA bundle, sockets of MCP servers | a variable that holds the path | the path itself |
| values of headers | the value | a file that holds the value |

Prefixes may be written in any case, except in \`--control-plane.api-key\`. Variables for the key hold the key itself.

## Headers

- Flag: \`--mcp.extra-headers 'Name: value'\`, repeated.
- Variable: \`Name: value, Other: value\`, separated by \`,\` or \`;\`. Values that contain those: one header per line, or a JSON
  object of strings.
- YAML: a map of names to values.

## MCP server entries

- HTTP: a bare URL for the channel \`main\`, or \`channel=NAME,url=URL,unix-socket=PATH,client-cert=PATH,client-key=PATH\`.
- stdio: a bare command line for the channel \`main\`, or \`channel=NAME,command=COMMAND\`, or \`command=COMMAND,channel=NAME\`.
- Variables hold one entry per line. YAML holds a list of maps, in which commas are data.
- A command is split like this: blanks separate, \`'…'\` is literal, in \`"…"\` and outside quotes \`\\\` escapes the next
  character, empty words vanish. No shell is involved.

## Durations

\`90s\`, \`1m30s\`, \`500ms\`: numbers with the units \`ns\`, \`us\`, \`ms\`, \`s\`, \`m\`, \`h\`. Only \`0\` may stand without a unit.`

/** The whole page, ending with a line break. */
export function configReference(): string {
  const sections = GROUPS.map(({title, has}) => `## ${title}\n\n${table(CONFIG_ROWS.filter(has))}`)
  return [INTRO, ...sections, NOTES, foreign()].join('\n\n')
}

function table(rows: readonly ConfigRow[]): string {
  const head = '| Flag | Variable | YAML | Type | Default | Meaning |\n| --- | --- | --- | --- | --- | --- |'
  return [head, ...rows.map(line)].join('\n')
}

function line(row: ConfigRow): string {
  const cells = [
    code(`--${row.flag}`) + (row.repeat ? ' (repeatable)' : ''),
    row.env.map(code).join(', then '),
    row.yaml === null ? '–' : code(row.key),
    row.values?.map(code).join(' or ') ?? typeOf(row),
    row.default === null ? '–' : code(row.default),
    [row.summary, bounds(row), fields(row)].filter((part) => part !== '').join('. '),
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

const code = (text: string): string => `\`${text}\``

function typeOf(row: ConfigRow): string {
  const names: Partial<Record<ConfigRow['kind'], string>> = {
    int: 'whole number',
    bool: 'true or false',
    'http-entries': 'entries',
    'stdio-entries': 'entries',
  }
  return names[row.kind] ?? row.kind
}

function bounds(row: ConfigRow): string {
  return (row.limits ?? []).map(({says}) => says.charAt(0).toUpperCase() + says.slice(1)).join('. ')
}

function fields(row: ConfigRow): string {
  if (row.fields === undefined) return ''
  return `In YAML: ${row.fields.map(({name, required}) => code(name) + (required ? ' (required)' : '')).join(', ')}`
}

function foreign(): string {
  const lines = REFUSED_KEYS.map(({key, flag, env, accepts, says}) => {
    const effect =
      accepts === 'any' ? 'Accepted without effect' : accepts === 'off' ? 'Refused unless false' : 'Refused'
    return `| ${code(key)} | ${code(`--${flag}`)} | ${code(env)} | ${effect}: it ${says} |`
  })
  const head = '| YAML | Flag | Variable | What happens |\n| --- | --- | --- | --- |'
  return `## Known settings without support\n\n${[head, ...lines].join('\n')}\n`
}
