"""From a token to the list of a region's control planes: our client, and a bare script with the same HTTP library.

`python -m benchmarks.listing ours|bare URL TOKEN TIMES` prints one time in seconds a line. What is loaded before the
first request is not in it; both ask whose the token is, then for pages of 100.
"""

import asyncio
import json
import sys
import time

import aiohttp

from konnect_tui.konnect.client import Client
from konnect_tui.konnect.hosts import hosts
from konnect_tui.secret import Secret

REGION = "eu"


async def ours(url: str, token: str) -> int:
    """How many control planes our client lists."""
    async with Client(hosts(url), Secret(token.encode()), environ={}) as client:
        await client.organization()
        return sum([len(page.control_planes) async for page in client.control_planes(REGION)])


async def bare(url: str, token: str) -> int:
    """How many a script lists that does no more than it must."""
    base, listed, number = url.replace("{region}", REGION), 0, 1
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        async with session.get(url.replace("{region}", "global") + "/v3/organizations/me") as answer:
            json.loads(await answer.read())
        while True:
            query = {"page[size]": "100", "page[number]": str(number)}
            async with session.get(base + "/v2/control-planes", params=query) as answer:
                page = json.loads(await answer.read())
            listed, number = listed + len(page["data"]), number + 1
            if listed >= page["meta"]["page"]["total"]:
                return listed


def main() -> None:
    """Ask once to warm up, then as often as told."""
    side, url, token, times = sys.argv[1:]
    ask = ours if side == "ours" else bare
    wanted = asyncio.run(ask(url, token))
    for _ in range(int(times)):
        start = time.perf_counter()
        listed = asyncio.run(ask(url, token))
        print(time.perf_counter() - start)
        assert listed == wanted > 0


if __name__ == "__main__":
    main()
