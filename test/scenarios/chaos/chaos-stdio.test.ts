// Every fault while the MCP server is the daemon's child.

import {chaosSuite} from './suite.ts'

chaosSuite('stdio')
