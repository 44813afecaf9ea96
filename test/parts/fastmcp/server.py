"""A stdio server on FastMCP 4."""

import asyncio

from fastmcp import FastMCP

server = FastMCP("fastmcp-4")


@server.tool
async def echo(message: str) -> str:
    """Return the message."""
    return message


@server.tool
async def nap(ms: int) -> str:
    """Sleep."""
    await asyncio.sleep(ms / 1000)
    return f"slept {ms}"


server.run("stdio", show_banner=False)
