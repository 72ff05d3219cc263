"""Plain text columns for stdout."""

from collections.abc import Sequence

from konnect_tui.words import printable


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned lines, two blanks between columns, no blanks at the ends."""
    if not rows:
        return ""
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)
    return "".join(f"{line}\n" for line in lines)
