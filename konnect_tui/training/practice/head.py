"""The head of an HTTP answer, with Kong's words where what comes is none.

Source of the words: Kong/lua-resty-websocket, `lib/resty/websocket/client.lua`.
"""

import asyncio
import re

from konnect_tui.training.practice.broken import Broken


async def head(reader: asyncio.StreamReader, status: re.Pattern[bytes], most: int) -> tuple[int, bytes]:
    """Status and head of the answer. `status` finds the number in the first line; of a head longer than `most` bytes
    only so many are read. Raises Broken.
    """
    try:
        header = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, OSError):
        raise Broken("failed to receive response header: closed") from None
    except asyncio.LimitOverrunError:
        header = await reader.read(most)
    found = status.match(header)
    if found is None:
        line = header.lstrip().partition(b"\n")[0].decode("latin-1").strip()
        raise Broken(f"bad HTTP response status line: {line}")
    return int(found[1]), header
