// Many commands at once, as scripts and editors start them: the files stay whole and every process is accounted for.

import {readdirSync, readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {alive, runtimesWorld, TUNNEL} from './world.ts'

const world = runtimesWorld()

/** Daemons of this test's home, by what the system says. */
const daemons = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return argv.includes('\0run\0--profile-dir') && argv.includes(world.home) && alive(pid)
      } catch {
        return false
      }
    })

test.runIf(process.platform === 'linux')(
  '20 parallel connect, stop and list on 5 aliases: no lost record, no orphan, no wrong kill',
  {timeout: 300_000},
  async () => {
    const bystander = await world.connect('bystander')
    const aliases = ['a', 'b', 'c', 'd', 'e']
    const names = [...aliases, 'bystander'].toSorted()
    const connect = (alias: string) => [
      ...[
        'connect',
        '--alias',
        alias,
        '--tunnel-id',
        TUNNEL,
        '--mcp-server-url',
        world.stub.mcpUrl,
        '--timeout',
        '60s',
      ],
    ]
    const orders = aliases.flatMap((alias) => [connect(alias), ['stop', alias], connect(alias), ['list', '--json']])
    const said = await Promise.all(orders.map((order) => world.runtimes(order)))
    said.forEach(({status, stdout, stderr}, at) => {
      const order = orders[at]!
      // A stop may come before the first connect has made the alias.
      if (order[0] === 'stop' && status === 1) expect(stderr).toContain('is not known')
      // A stop may also come between a connect and its look at what it started.
      else if (order[0] === 'connect') expect([0, 2], `${order.join(' ')}: ${stdout}${stderr}`).toContain(status)
      else expect(status, `${order.join(' ')}: ${stdout}${stderr}`).toBe(0)
      if (order[0] === 'list') JSON.parse(stdout)
    })
    expect(Object.keys(world.records('aliases'))).toEqual(names)
    const records = world.records('processes')
    expect(Object.keys(records)).toEqual(names)
    const recorded = Object.values(records).flatMap(({pid}) => (pid === undefined ? [] : [pid]))
    expect(daemons().toSorted()).toEqual(recorded.toSorted())
    expect(alive(bystander.pid)).toBe(true)

    for (const alias of names) expect((await world.runtimes(['stop', alias])).status).toBe(0)
    expect(daemons()).toEqual([])
  },
)
