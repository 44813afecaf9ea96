// The service is away for ten seconds (connects are refused) and comes back: how long until the first call is answered.

import {createServer} from 'node:net'
import {join} from 'node:path'
import {type BenchContext, type ClientFigures, digits, type LineGroup} from '../line.ts'
import {median} from '../stack/figures.ts'
import type {Part} from '../stack/processes.ts'
import {type Client, firstAnswer, startDaemon, startMcpServer, startService} from '../stack/stack.ts'

const LINE = {id: 'outage', name: 'service back after 10 s → first answer'}
const MOST_MS = 500

interface Site {
  readonly client: Client
  readonly flags: readonly string[]
  readonly times: number[]
  service: Part
  daemon: Part
}

/** Table row 8. */
export const outage: LineGroup = {
  lines: [LINE],
  async run(context) {
    const http = await startMcpServer()
    const sites: Site[] = []
    try {
      for (const client of context.clients) sites.push(await startSite(context, client, http))
      const rounds = context.quick ? 2 : Math.max(5, context.rounds)
      for (let round = 0; round < rounds; round++) {
        for (const {service} of sites) await service.stop()
        await new Promise((resolve) => setTimeout(resolve, 10_000))
        for (const site of sites) {
          site.service = await startService(site.flags)
          site.times.push(await firstAnswer(site.service.info.mcp_url!).catch(() => Number.POSITIVE_INFINITY))
        }
        context.say(`outage ${round + 1} of ${rounds} is over`)
      }
      const worst = Math.max(...sites.find(({client}) => client.name === 'ours')!.times)
      return [
        {
          ...LINE,
          target: `≤ ${MOST_MS} ms worst`,
          reached: `${digits(worst, 0)} ms worst of ${rounds}`,
          met: worst <= MOST_MS,
          rows: sites.map(
            ({client, times}): ClientFigures => ({
              client: client.name,
              figures: {'median ms': median(times), 'worst ms': Math.max(...times)},
            }),
          ),
        },
      ]
    } finally {
      for (const {daemon, service} of sites) {
        await daemon.stop()
        await service.stop()
      }
      await http.stop()
    }
  },
}

async function startSite(context: BenchContext, client: Client, http: Part): Promise<Site> {
  const {folder} = context
  const [control, ingress] = [await freePort(), await freePort()]
  const flags = [
    ...['--listen', `127.0.0.1:${control}`],
    ...['--ingress-listen', `127.0.0.1:${ingress}`],
    ...['--state', join(folder, `outage-${client.name}.json`)],
  ]
  const service = await startService(flags)
  const baseUrl = service.info.control_plane_base_url!
  const urlFile = join(folder, `outage-${client.name}.url`)
  const daemon = await startDaemon({client, mcp: {http}, folder, baseUrl, service, urlFile})
  await firstAnswer(service.info.mcp_url!)
  return {client, flags, times: [], service, daemon}
}

/** A port that is free now: it must stay the same over restarts. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
