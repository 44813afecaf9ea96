"""A stdio server on the official Python SDK 2.x: the first request of a process decides its protocol era."""

import asyncio

from mcp.server import MCPServer

server = MCPServer("python-sdk-2")


@server.tool()
async def echo(message: str) -> str:
    """Return the message."""
    return message


@server.tool()
async def nap(ms: int) -> str:
    """Sleep."""
    await asyncio.sleep(ms / 1000)
    return f"slept {ms}"


server.run("stdio")
