// The house plan as data: floors, rooms, who may import whom, and which package has which door. imports.test.ts enforces it.

/** Floors from the ground up; a floor may import the floors below it. */
export const FLOORS = ['foundation', 'tunnel', 'service', 'toolkit'] as const
export type Floor = (typeof FLOORS)[number]

/** Rooms of the same floor that a room may import. `*`: all of them. */
type Neighbours = '*' | readonly string[]

/** Every room: its folder is `src/<floor>/<room>`. */
export const ROOMS: Readonly<Record<Floor, Readonly<Record<string, Neighbours>>>> = {
  foundation: {
    errors: [],
    platform: ['errors'],
    wire: ['errors'],
    config: ['errors', 'platform'],
  },
  tunnel: {
    'control-plane': [],
    channels: [],
    oauth: [],
    policy: [],
    audit: [],
    relay: ['control-plane', 'channels'],
    harpoon: ['channels'],
    ops: [],
    daemon: '*',
  },
  service: {
    'tunnel-service': [],
    'mcp-stub': [],
    'local-proxy': ['tunnel-service'],
  },
  toolkit: {
    cli: [],
    profiles: [],
    live: [],
    scaffold: [],
    runtimes: ['profiles', 'live'],
    codex: ['runtimes'],
    doctor: ['profiles', 'live', 'runtimes', 'codex', 'units', 'scaffold'],
    units: ['scaffold', 'live'],
    onboarding: ['profiles', 'live', 'doctor', 'codex'],
    support: ['live', 'runtimes', 'doctor'],
    sdk: [],
  },
}

/** Rooms that stay away from a whole floor below them. */
export const STAYS_AWAY: Readonly<Record<string, Floor>> = {'tunnel-service': 'tunnel', 'mcp-stub': 'tunnel'}

/** Rooms that every command may speak of besides its own: they are vocabulary (errors, blocks), not work. */
export const VOCABULARY: readonly string[] = ['cli', 'errors', 'platform']

/** Commands that need more than one room, and which; the rest may not. */
export const COMMANDS_WITH_MORE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  'commands/run.ts': ['daemon', 'mcp-stub'],
  'commands/trace.ts': ['live', 'runtimes'],
  'commands/codex/diagnose.ts': ['codex', 'live'],
  'commands/complete.ts': ['profiles', 'runtimes'],
}

/** Packages and builtins that may be imported only behind their door: a file, or a folder that ends in `/`. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
  undici: ['src/foundation/platform/http/'],
  execa: ['src/foundation/platform/spawn.ts', 'src/foundation/platform/spawn/'],
  zod: ['src/foundation/platform/schema.ts'],
  yaml: ['src/foundation/config/'],
  'smol-toml': ['src/toolkit/codex/config/'],
  'prom-client': ['src/tunnel/ops/metrics/'],
  chalk: ['src/toolkit/cli/output/style.ts'],
  '@oclif/core': ['commands/', 'src/toolkit/cli/'],
  '@modelcontextprotocol/server': ['src/service/mcp-stub/', 'src/toolkit/codex/mcp-server/'],
  '@modelcontextprotocol/node': ['src/service/mcp-stub/'],
  '@modelcontextprotocol/client': ['src/service/local-proxy/'],
  'node:child_process': [
    'src/foundation/platform/spawn.ts',
    'src/foundation/platform/spawn/',
    'src/foundation/platform/http/names/',
  ],
  'node:dns': ['src/foundation/platform/http/names/'],
  'node:tls': ['src/foundation/platform/http/'],
}
