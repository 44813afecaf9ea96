"""A client on the official Python SDK: makes a few calls and prints one JSON object of what it met.

Arguments: URL, mode (`auto`, `legacy` or a protocol version), progress tool, its arguments as JSON.
"""

import asyncio
import json
import logging
import sys

from mcp import Client, MCPError

url, mode, progress_tool, progress_arguments = sys.argv[1:5]
background: list[str] = []


class Keep(logging.Handler):
    """What the SDK says only to its log is an error in the background, too."""

    def emit(self, record: logging.LogRecord) -> None:
        background.append(f"{record.name}: {record.getMessage()}")


logging.basicConfig(level=logging.WARNING, handlers=[Keep()])


async def on_message(message: object) -> None:
    if isinstance(message, Exception):
        background.append(repr(message))


async def main() -> dict[str, object]:
    seen: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        seen.append(progress)

    async with Client(url, mode=mode, message_handler=on_message) as client:
        tools = (await client.list_tools()).tools
        answers = [
            (await client.call_tool(tool, arguments)).content[0].text
            for tool, arguments in json.loads(sys.argv[5])
        ]
        last = await client.call_tool(progress_tool, json.loads(progress_arguments), progress_callback=on_progress)
        try:
            refused = str((await client.call_tool("no-such-tool", {})).is_error)
        except MCPError as error:
            refused = f"error {error.code}"
        many = await asyncio.gather(*(client.list_tools() for _ in range(8)))
        version = client.session.protocol_version if hasattr(client.session, "protocol_version") else None
    return {
        "tools": [tool.name for tool in tools],
        "answers": answers,
        "progress": seen,
        "last": last.content[0].text,
        "refused": refused,
        "many": len(many),
        "version": version,
    }


result = asyncio.run(main())
print(json.dumps({**result, "background": background}))
