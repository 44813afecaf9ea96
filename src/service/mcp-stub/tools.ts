// The tools of the stub. Names, arguments and results are the reference's, so that its documented prompts work here too.

import type {McpServer} from '@modelcontextprotocol/server'

/** Name the stub gives itself unless told otherwise. */
export const DEFAULT_STUB_NAME = 'mcp-stub'

/** Version the stub gives itself unless told otherwise. */
export const DEFAULT_STUB_VERSION = '0.1.0'

/** Tool names in the order they are listed. */
export const STUB_TOOLS = ['server_info', 'echo', 'uppercase'] as const

/** What the stub says of itself in its handshake and in `server_info`. */
export interface StubIdentity {
  readonly name: string
  readonly version: string
}

const SAMPLE_PROMPTS = [
  'Ask the echo tool to repeat "hello from tunnel-client".',
  'Run the uppercase tool on "openai tunnel".',
  'Call server_info and list what this demo server can do.',
]

const textResult = (text: string, structured: Record<string, unknown>) => ({
  content: [{type: 'text' as const, text}],
  structuredContent: structured,
})

const STRING_LIST = {type: 'array', items: {type: 'string'}} as const

/** An object of strings, every one required. */
const strings = (...names: string[]) => ({
  type: 'object' as const,
  properties: Object.fromEntries(names.map((name) => [name, {type: 'string' as const}])),
  required: names,
  additionalProperties: false,
})

/**
 * Makes one server with the three tools. The SDK is loaded here, so that nobody pays for it who does not serve a stub.
 * Both protocol eras construct a server per connection or request: call the returned function as often as needed.
 */
export async function stubServerFactory(identity: StubIdentity): Promise<() => McpServer> {
  const sdk = await import('@modelcontextprotocol/server')
  const input = sdk.fromJsonSchema<{input: string}>(strings('input'))
  const nothing = sdk.fromJsonSchema<Record<string, unknown>>({type: 'object', properties: {}})
  const infoOutput = sdk.fromJsonSchema<Record<string, unknown>>({
    type: 'object',
    properties: {
      name: {type: 'string'},
      version: {type: 'string'},
      available_tools: STRING_LIST,
      sample_prompts: STRING_LIST,
    },
    required: ['name', 'version', 'available_tools', 'sample_prompts'],
    additionalProperties: false,
  })
  const echoOutput = sdk.fromJsonSchema<Record<string, unknown>>(strings('echoed'))
  const upperOutput = sdk.fromJsonSchema<Record<string, unknown>>(strings('uppercase'))

  return () => {
    const server = new sdk.McpServer({name: identity.name, version: identity.version})
    server.registerTool(
      'server_info',
      {
        description: 'Says what this demo server is and gives a few prompts to try',
        inputSchema: nothing,
        outputSchema: infoOutput,
      },
      () =>
        textResult(`${identity.name} ${identity.version} demo tools: ${STUB_TOOLS.join(', ')}`, {
          name: identity.name,
          version: identity.version,
          available_tools: [...STUB_TOOLS],
          sample_prompts: SAMPLE_PROMPTS,
        }),
    )
    server.registerTool(
      'echo',
      {description: 'Gives the input back unchanged', inputSchema: input, outputSchema: echoOutput},
      (args) => textResult(args.input, {echoed: args.input}),
    )
    server.registerTool(
      'uppercase',
      {description: 'Gives the input back in upper case', inputSchema: input, outputSchema: upperOutput},
      (args) => textResult(args.input.toUpperCase(), {uppercase: args.input.toUpperCase()}),
    )
    return server
  }
}
