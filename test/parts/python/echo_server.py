"""An MCP server with one tool `echo`, on the SDK of the virtual environment that runs it.

Arguments: SDK (`mcp-2`, `mcp-1` or `fastmcp`), transport (`stdio` or `http`). Over HTTP it listens on a free port of
loopback and prints `{"port":N}` on stderr.
"""

import json
import socket
import sys

sdk, transport = sys.argv[1:3]
if sdk == "mcp-2":
    from mcp.server.mcpserver import MCPServer as Server
elif sdk == "mcp-1":
    from mcp.server.fastmcp import FastMCP as Server
else:
    from fastmcp import FastMCP as Server

server = Server(f"echo-{sdk}")


@server.tool()
def echo(message: str) -> str:
    """Echoes the message."""
    return f"Echo: {message}"


def serve(app: object) -> None:
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    print(json.dumps({"port": listener.getsockname()[1]}, separators=(",", ":")), file=sys.stderr, flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if transport == "stdio":
    server.run("stdio")
else:
    serve(server.http_app() if sdk == "fastmcp" else server.streamable_http_app())
