"""A stdio server on the official Python SDK 1.x."""

import asyncio

from mcp.server.fastmcp import FastMCP

server = FastMCP("python-sdk-1")


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
