// Every fault while the MCP server is reached over Streamable HTTP.

import {chaosSuite} from './suite.ts'

chaosSuite('http')
