"""Writes docs/codes.md from the register: `python -m tests.tools.write_codes` at the root of the repository."""

from pathlib import Path

from konnect_tui.codes import REGISTER
from konnect_tui.errors import ExitCode

TARGET = Path(__file__).parents[2] / "docs" / "codes.md"

HEAD = """\
# Codes

Every message of konnect-tui has a code. This is the whole list: what each means, what to do about it, and the exit
status of a command that ends with it (– where a code never ends one: it is an opinion on a certificate, a warning, or
what a file turned out to be). A code is never renamed and never changes its meaning.

Made from `konnect_tui/codes.py` by `python -m tests.tools.write_codes`; do not edit.

| code | what it means | what to do | exit |
|---|---|---|---|
"""


def page() -> str:
    """The whole page, one row a code, in alphabetical order."""
    rows = [
        f"| `{name}` | {_cell(code.meaning)} | {_cell(code.cure)} | {code.exit or '–'} |"
        for name, code in sorted(REGISTER.items())
    ]
    exits = [f"- {status.value}: {_WHEN[status]}" for status in ExitCode]
    return HEAD + "\n".join(rows) + "\n\n## Exit status\n\n" + "\n".join(exits) + "\n"


_WHEN = {
    ExitCode.OK: "done, or nothing to do",
    ExitCode.WORLD: "the world failed: disk full, folder not writable, lock held, network",
    ExitCode.INPUT: "wrong usage or input",
    ExitCode.NO: "a well-formed question was answered *no*",
    ExitCode.AUTH: "not signed in, or not allowed",
    ExitCode.CANCELLED: "cancelled by the operator",
}


def _cell(text: str) -> str:
    """Text inside a table: a bar would end the cell, an angle bracket would begin HTML."""
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    TARGET.write_text(page())
    print(f"{TARGET}: {len(REGISTER)} codes")
