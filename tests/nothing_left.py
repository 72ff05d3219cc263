"""Runs something of asyncio's and fails where it leaves a port, a connection or a task's fault behind."""

import asyncio
import gc
import warnings
from collections.abc import Coroutine
from typing import Any


def run_leaving_nothing(story: Coroutine[Any, Any, None]) -> None:
    """Run it in a loop of its own. What is left open warns when it is collected, and no such warning may come."""
    with warnings.catch_warnings(record=True) as left:
        warnings.simplefilter("always")
        asyncio.run(story)
        gc.collect()
    assert [str(each.message) for each in left] == []
