// The official TypeScript SDK clients as a scenario uses them: the same few calls, whichever major version is behind them.

import {Client as ClientV2, StreamableHTTPClientTransport as TransportV2} from '@modelcontextprotocol/client'
import {Client as ClientV1} from '@modelcontextprotocol/sdk/client/index.js'
import {StreamableHTTPClientTransport as TransportV1} from '@modelcontextprotocol/sdk/client/streamableHttp.js'

const info = {name: 'scenario-client', version: '1.0.0'}

/** The few calls that every scenario makes. */
export interface SdkClient {
  readonly tools: () => Promise<string[]>
  readonly call: (name: string, args: object, onprogress?: (progress: number) => void) => Promise<string>
  readonly errors: readonly Error[]
  readonly close: () => Promise<void>
}

/** Connects a client of SDK 1. */
export async function clientV1(url: string): Promise<SdkClient> {
  const client = new ClientV1(info)
  const transport = new TransportV1(new URL(url))
  const errors: Error[] = []
  client.onerror = (error) => errors.push(error)
  await client.connect(transport as Parameters<typeof client.connect>[0])
  return {
    errors,
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, args, onprogress) => {
      const options = onprogress ? {onprogress: ({progress}: {progress: number}) => onprogress(progress)} : {}
      const result = await client.callTool({name, arguments: {...args}}, undefined, options)
      return textOf(result)
    },
    close: async () => {
      await transport.terminateSession()
      await client.close()
    },
  }
}

/** Connects a client of SDK 2. `era`: a version to insist on, `auto` for the newest; without it `initialize`. */
export async function clientV2(url: string, era?: string): Promise<SdkClient> {
  const mode = era === 'auto' ? ('auto' as const) : {pin: era ?? ''}
  const client = new ClientV2(info, era ? {versionNegotiation: {mode}} : {})
  const transport = new TransportV2(new URL(url))
  const errors: Error[] = []
  client.onerror = (error) => errors.push(error)
  await client.connect(transport)
  return {
    errors,
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, args, onprogress) => {
      const options = onprogress ? {onprogress: ({progress}: {progress: number}) => onprogress(progress)} : {}
      return textOf(await client.callTool({name, arguments: {...args}}, options))
    },
    close: async () => {
      await transport.terminateSession()
      await client.close()
    },
  }
}

const textOf = (result: unknown): string =>
  (result as {content: {text: string}[]}).content.map((one) => one.text).join('')
