// `trace`: where the calls of a running daemon are or were, and whose turn it is.

import {Args, Flags} from '@oclif/core'
import {TunnelError} from '../src/foundation/errors/index.ts'
import {note, printableJson} from '../src/foundation/platform/index.ts'
import {BaseCommand, createStatusLine, pathFlag} from '../src/toolkit/cli/index.ts'
import {
  type CallFilter,
  type CallsClient,
  callBlocks,
  callLines,
  callsBlocks,
  type DaemonLocator,
  defaultDaemon,
  followCalls,
  openText,
  withCallsClient,
} from '../src/toolkit/live/index.ts'
import {runtimeHealthUrlFile} from '../src/toolkit/runtimes/index.ts'

export default class Trace extends BaseCommand<typeof Trace> {
  static override summary = 'List recent calls, or show the timeline of one call'
  static override description =
    'Without an id: the last calls, newest last. With the id of one, or the beginning or end of it, or its JSON-RPC id: where it was when, whose turn it was, and for a failure what it means and what to do. The daemon is found by its URL, its health URL file, a loopback port or the alias of a runtime; without any of them it is the one that run would be here. It remembers a few thousand calls, failures longer than others, and nothing of what was said in them.'
  static override examples = [
    '<%= config.bin %> trace',
    '<%= config.bin %> trace --url-file /run/tunnel-client/health.url',
    '<%= config.bin %> trace --alias docs --failed --limit 50',
    '<%= config.bin %> trace req_5f1c0a9be2d4000017 --port 8080',
    '<%= config.bin %> trace --alias docs --follow --json',
  ]
  static override args = {id: Args.string({description: 'Request id, part of it, or JSON-RPC id'})}
  static override flags = {
    url: Flags.string({summary: 'Address of the daemon: its base URL, or its /healthz or /readyz URL'}),
    'url-file': pathFlag('File that holds such a URL'),
    port: Flags.integer({summary: 'Loopback port of the daemon', default: 0}),
    alias: Flags.string({summary: 'Alias of a runtime', helpValue: '<alias>'}),
    limit: Flags.integer({summary: 'Most calls to show, up to 500', default: 20, min: 1, max: 500}),
    failed: Flags.boolean({summary: 'Only calls that did not end well'}),
    channel: Flags.string({summary: 'Only calls of this channel', helpValue: '<name>'}),
    follow: Flags.boolean({summary: 'Go on with what ends from now on, until Ctrl-C'}),
  }

  async run(): Promise<unknown> {
    const {args, flags} = this
    const {limit, failed, channel} = flags
    if (args.id !== undefined && (flags.follow || failed || channel !== undefined)) {
      throw new TunnelError('TC-CLI-USAGE', 'an id cannot be combined with --follow, --failed or --channel')
    }
    if (args.id === '') throw new TunnelError('TC-CLI-USAGE', 'the id is empty')
    return await withCallsClient(await this.#locator(), async (client) => {
      if (args.id !== undefined) {
        const call = await client.detail(args.id)
        this.present(callBlocks(call))
        return call
      }
      const filter = {limit, failed, channel}
      if (flags.follow) return await this.#follow(client, filter)
      const list = await client.list(filter)
      this.present(callsBlocks(list.calls, this.#columns(), {narrowed: failed || channel !== undefined}))
      return list
    })
  }

  async #locator(): Promise<DaemonLocator> {
    const {url, port, alias} = this.flags
    const urlFile = this.flags['url-file']
    const given = [url, urlFile, port || undefined, alias].filter((value) => value !== undefined)
    if (given.length > 1) {
      throw new TunnelError('TC-CLI-USAGE', 'choose at most one of --url, --url-file, --port, or --alias')
    }
    if (given.length === 0) {
      const meant = defaultDaemon(this.host.env)
      if (meant !== null) return meant
      throw new TunnelError('TC-CLI-USAGE', 'which daemon? Give one of --url, --url-file, --port, or --alias')
    }
    if (alias === undefined) return {url, urlFile, port}
    return {urlFile: await runtimeHealthUrlFile(alias, {env: this.host.env, cwd: this.host.cwd})}
  }

  async #follow(client: CallsClient, filter: CallFilter): Promise<undefined> {
    const {host} = this
    const isJson = this.jsonEnabled()
    const status = createStatusLine(host.stdout, isJson ? {...host.env, TERM: 'dumb'} : host.env)
    const lines = callLines(this.#columns())
    try {
      await followCalls({
        client,
        filter,
        signal: this.stop.asked,
        onEnded: (calls) => {
          status.clear()
          if (isJson)
            host.stdout.write(calls.map((call) => `${printableJson({schema_version: 1, ...call})}\n`).join(''))
          else this.present(lines(calls))
        },
        onOpen: (calls) => status.show(openText(calls)),
        onNote: (text) => {
          status.clear()
          if (isJson) this.tell(text)
          else this.present([note(text, 'warn')])
        },
      })
    } finally {
      status.clear()
    }
    this.setExit('interrupted')
    return undefined
  }

  #columns(): number | undefined {
    const {isTTY, columns} = this.host.stdout
    return isTTY ? columns : undefined
  }
}
