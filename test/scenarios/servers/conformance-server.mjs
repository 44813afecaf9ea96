// What the MCP conformance suite asks of a server, on the official SDK v1 over Streamable HTTP: the names, texts and schemas are
// the suite's. Requests to the client go into the stream of the call, or with `session` as first argument into that of the session.
import {randomUUID} from 'node:crypto'
import {createServer} from 'node:http'
import {Server} from '@modelcontextprotocol/sdk/server/index.js'
import {StreamableHTTPServerTransport} from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import * as schemas from '@modelcontextprotocol/sdk/types.js'

const asksInSession = process.argv[2] === 'session'
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA='
const text = (value) => ({type: 'text', text: value})
const image = {type: 'image', data: PNG, mimeType: 'image/png'}
const embedded = (uri, mimeType, content) => ({type: 'resource', resource: {uri, mimeType, text: content}})
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const strings = (...names) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, {type: 'string'}])),
  required: names,
})
const elicited = ({action, content}) => [text(`${action} ${JSON.stringify(content ?? {})}`)]
const choices = () => [1, 2, 3].map((n) => ({const: `value${n}`, title: `Choice ${n}`}))
const options = ['option1', 'option2', 'option3']

const DEFAULTS = {
  name: {type: 'string', default: 'John Doe'},
  age: {type: 'integer', default: 30},
  score: {type: 'number', default: 95.5},
  status: {type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active'},
  verified: {type: 'boolean', default: true},
}
const ENUMS = {
  untitledSingle: {type: 'string', enum: options},
  titledSingle: {type: 'string', oneOf: choices()},
  legacyEnum: {type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['One', 'Two', 'Three']},
  untitledMulti: {type: 'array', minItems: 1, maxItems: 3, items: {type: 'string', enum: options}},
  titledMulti: {type: 'array', minItems: 1, maxItems: 3, items: {anyOf: choices()}},
}

/** Name → input schema (or none) and what the call returns: content, or an own result. */
const TOOLS = {
  test_simple_text: {run: () => [text('This is a simple text response for testing.')]},
  test_image_content: {run: () => [image]},
  test_audio_content: {run: () => [{type: 'audio', data: WAV, mimeType: 'audio/wav'}]},
  test_embedded_resource: {run: () => [embedded('test://embedded-resource', 'text/plain', 'An embedded resource.')]},
  test_multiple_content_types: {
    run: () => [
      text('Several:'),
      image,
      embedded('test://mixed-content-resource', 'application/json', '{"test":"data"}'),
    ],
  },
  test_tool_with_logging: {
    run: async (_args, {notify}) => {
      for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
        await notify('notifications/message', {level: 'info', data})
      }
      return [text('logged')]
    },
  },
  test_tool_with_progress: {
    run: async (_args, {notify, progressToken}) => {
      for (const progress of [0, 50, 100]) await notify('notifications/progress', {progressToken, progress, total: 100})
      return [text(String(progressToken))]
    },
  },
  test_error_handling: {run: () => ({content: [text('This tool intentionally returns an error')], isError: true})},
  test_reconnection: {
    run: async (_args, {extra}) => {
      extra.closeSSEStream?.()
      await sleep(100)
      return [text('still here')]
    },
  },
  test_sampling: {
    input: strings('prompt'),
    run: async ({prompt}, {ask}) => {
      const messages = [{role: 'user', content: text(prompt)}]
      const {content} = await ask(
        'sampling/createMessage',
        {messages, maxTokens: 100},
        schemas.CreateMessageResultSchema,
      )
      return [text(`LLM response: ${content.text}`)]
    },
  },
  test_elicitation: {
    input: strings('message'),
    run: async ({message}, {elicit}) => elicited(await elicit(message, strings('username', 'email'))),
  },
  test_elicitation_sep1034_defaults: {
    run: async (_args, {elicit}) =>
      elicited(await elicit('Defaults', {type: 'object', properties: DEFAULTS, required: []})),
  },
  test_elicitation_sep1330_enums: {
    run: async (_args, {elicit}) => elicited(await elicit('Enums', {type: 'object', properties: ENUMS, required: []})),
  },
  json_schema_2020_12_tool: {
    input: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      $defs: {address: {type: 'object', properties: {street: {type: 'string'}, city: {type: 'string'}}}},
      properties: {name: {type: 'string'}, address: {$ref: '#/$defs/address'}},
      additionalProperties: false,
    },
    run: (args) => [text(JSON.stringify(args))],
  },
}

const RESOURCES = {
  'test://static-text': {mimeType: 'text/plain', text: 'This is the content of the static text resource.'},
  'test://static-binary': {mimeType: 'image/png', blob: PNG},
  'test://watched-resource': {mimeType: 'text/plain', text: 'Watched resource content'},
}

const user = (content) => ({role: 'user', content})
const argument = (name) => ({name, description: name, required: true})
const PROMPTS = {
  test_simple_prompt: {messages: () => [user(text('This is a simple prompt for testing.'))]},
  test_prompt_with_arguments: {
    arguments: [argument('arg1'), argument('arg2')],
    messages: ({arg1, arg2}) => [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
  },
  test_prompt_with_embedded_resource: {
    arguments: [argument('resourceUri')],
    messages: ({resourceUri}) => [user(embedded(resourceUri, 'text/plain', 'Embedded.')), user(text('Read it.'))],
  },
  test_prompt_with_image: {messages: () => [user(image), user(text('Look at it.'))]},
}

const listed = (records, show) => Object.entries(records).map(([name, record]) => show(name, record))
function known(records, name) {
  if (!Object.hasOwn(records, name)) throw new schemas.McpError(-32602, `unknown: ${name}`)
  return records[name]
}

function makeServer() {
  const capabilities = {
    tools: {},
    resources: {subscribe: true},
    prompts: {},
    logging: {},
    completions: {},
  }
  const server = new Server({name: 'conformance-server', version: '1.0.0'}, {capabilities})
  const on = (schema, handle) => server.setRequestHandler(schema, handle)
  on(schemas.ListToolsRequestSchema, () => ({
    tools: listed(TOOLS, (name, {input}) => ({name, description: name, inputSchema: input ?? {type: 'object'}})),
  }))
  on(schemas.CallToolRequestSchema, async ({params}, extra) => {
    const ask = (method, asked, schema) =>
      asksInSession
        ? server.request({method, params: asked}, schema)
        : extra.sendRequest({method, params: asked}, schema)
    const result = await known(TOOLS, params.name).run(params.arguments ?? {}, {
      extra,
      ask,
      elicit: (message, requestedSchema) =>
        ask('elicitation/create', {mode: 'form', message, requestedSchema}, schemas.ElicitResultSchema),
      notify: (method, told) => extra.sendNotification({method, params: told}),
      progressToken: extra._meta?.progressToken ?? 0,
    })
    return Array.isArray(result) ? {content: result} : result
  })
  on(schemas.ListResourcesRequestSchema, () => ({
    resources: listed(RESOURCES, (uri, {mimeType}) => ({uri, name: uri, description: uri, mimeType})),
  }))
  on(schemas.ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [{uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json'}],
  }))
  on(schemas.ReadResourceRequestSchema, ({params: {uri}}) => {
    const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1]
    if (id === undefined) return {contents: [{uri, ...known(RESOURCES, uri)}]}
    return {contents: [{uri, mimeType: 'application/json', text: JSON.stringify({id, data: `Data for ID: ${id}`})}]}
  })
  for (const schema of [
    schemas.SubscribeRequestSchema,
    schemas.UnsubscribeRequestSchema,
    schemas.SetLevelRequestSchema,
  ]) {
    on(schema, () => ({}))
  }
  on(schemas.ListPromptsRequestSchema, () => ({
    prompts: listed(PROMPTS, (name, prompt) => ({name, description: name, arguments: prompt.arguments ?? []})),
  }))
  on(schemas.GetPromptRequestSchema, ({params}) => ({
    messages: known(PROMPTS, params.name).messages(params.arguments ?? {}),
  }))
  on(schemas.CompleteRequestSchema, () => ({completion: {values: ['paris'], total: 1, hasMore: false}}))
  return server
}

/** Events of one session, so that a client that was cut off can go on. */
function eventStore() {
  const events = []
  return {
    storeEvent: async (streamId, message) => {
      events.push({streamId, message})
      return `${streamId}_${events.length}`
    },
    getStreamIdForEventId: async (id) => events[Number(id.split('_').at(-1)) - 1]?.streamId,
    replayEventsAfter: async (lastId, {send}) => {
      const last = Number(lastId.split('_').at(-1))
      const {streamId} = events[last - 1]
      for (const [at, event] of events.entries()) {
        if (at < last || event.streamId !== streamId || Object.keys(event.message).length === 0) continue
        await send(`${streamId}_${at + 1}`, event.message)
      }
      return streamId
    },
  }
}

const sessions = new Map()

async function transportFor(request) {
  const known = sessions.get(request.headers['mcp-session-id'])
  if (known) return known
  const {port} = http.address()
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: eventStore(),
    retryInterval: 500,
    enableDnsRebindingProtection: true,
    allowedHosts: [`127.0.0.1:${port}`, `localhost:${port}`],
    onsessioninitialized: (id) => sessions.set(id, transport),
    onsessionclosed: (id) => sessions.delete(id),
  })
  await makeServer().connect(transport)
  return transport
}

const http = createServer(async (request, response) => {
  try {
    const transport = await transportFor(request)
    await transport.handleRequest(request, response)
  } catch (thrown) {
    process.stderr.write(`${thrown}\n`)
    if (!response.headersSent) response.writeHead(500).end()
  }
})
http.listen(0, '127.0.0.1', () => process.stderr.write(`${JSON.stringify({port: http.address().port})}\n`))
