"""The pictures of the README, made from the real app: `python screenshots/make.py` writes them, beside this file.

Everything that could vary is fixed: clock, workspace, size, font. The SVGs ask nothing of any network. A test
compares them with a fresh run, so they can't grow stale. PNGs are made where `rsvg-convert` is installed.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from textual.events import Paste
from textual.pilot import Pilot

from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

HERE = Path(__file__).parent
SIZES = ((80, 24), (120, 40))
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_CELL = 12.2
"""The width of a column in Textual's SVG."""

# What is pressed after each picture; text after `paste:` goes in at once.
WALK: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("start", ("enter", "down", "down")),
    ("region", ("enter", "paste:7f3c0a9b21.eu.cp0.konghq.com", "tab", "paste:orders-prod")),
    ("control-plane", ("enter", "down")),
    ("authentication", ("enter", "down", "down", "down", "down", "right", "down", "down", "down")),
    ("certificates", ("paste:correct horse", "down", "paste:correct horse", "enter", "down", "paste:edge-{01..03}")),
    ("node", ("enter", "down", "down", "down", "space")),
    ("platforms", ("enter",)),
    ("review", ("enter",)),
    ("create", ()),
)


def pictures(size: tuple[int, int], home: Path) -> Iterator[tuple[str, str]]:
    """Name and SVG of every step's page at this size. `home` is an empty folder to work in."""
    yield from asyncio.run(_walk(size, home)).items()


async def _walk(size: tuple[int, int], home: Path) -> dict[str, str]:
    made = {}
    services = Services(str(home / "konnect-dp"), environ={}, now=lambda: NOW, state=str(home / "drafts"))
    app = KonnectApp(services)
    async with app.run_test(size=size) as pilot:
        await _settle(app, pilot)
        for name, keys in WALK:
            made[f"{name}-{size[0]}x{size[1]}"] = still(app.export_screenshot(title="konnect-tui"))
            for key in keys:
                if key.startswith("paste:") and app.focused:
                    app.focused.post_message(Paste(key.removeprefix("paste:")))
                else:
                    await pilot.press(key)
                await _settle(app, pilot)
    return made


async def _settle(app: KonnectApp, pilot: Pilot[int]) -> None:
    await pilot.pause()
    if busy := [worker for worker in app.workers if worker.group in ("propose", "create", "chain")]:
        await app.workers.wait_for_complete(busy)
    await pilot.pause()


def still(svg: str) -> str:
    """The SVG with stable names, no font from a network, and blanks that every renderer keeps."""
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(
        r'(<text [^>]*x=")([\d.]+)("[^>]*textLength=")([\d.]+)("[^>]*>)((?:&#160;)+)([^<]*</text>)', _indented, svg
    )
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def _indented(found: re.Match[str]) -> str:
    """Text that begins with blanks, moved to where it begins: librsvg drops the blanks."""
    cells = found[6].count("&#160;")
    x, length = float(found[2]) + cells * _CELL, float(found[4]) - cells * _CELL
    return f"{found[1]}{x:.1f}{found[3]}{length:.1f}{found[5]}{found[7]}"


def main() -> int:
    """Write all pictures."""
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            os.environ["HOME"] = folder  # so that paths are shown as ~/…, the same everywhere
            for name, svg in pictures(size, home):
                path = HERE / f"{name}.svg"
                path.write_text(svg)
                if converter := shutil.which("rsvg-convert"):
                    picture = str(path.with_suffix(".png"))
                    subprocess.run([converter, "-w", "1200", str(path), "-o", picture], check=True)
                print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
