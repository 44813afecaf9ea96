// Front door of the stub room: a small MCP server for demos, tests and `run --embedded-mcp-stub`.

export {createMcpStub, type McpStub, type McpStubOptions} from './create-mcp-stub.ts'
export {type McpStubAddress, promptLines, stubBlocks, stubSummary} from './present.ts'
export {type McpStubStdioOptions, serveMcpStubStdio} from './serve-stdio.ts'
export {DEFAULT_STUB_NAME, DEFAULT_STUB_VERSION, type StubIdentity} from './tools.ts'
