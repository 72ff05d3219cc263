"""One calm dark theme, and one for projectors. State is never colour alone: a sign or a word always says the same."""

from textual.theme import Theme

THEME = Theme(
    name="konnect",
    dark=True,
    primary="#5cc8d0",
    secondary="#3d7f86",
    accent="#5cc8d0",
    foreground="#d9e0e7",
    background="#12171d",
    surface="#1b222a",
    panel="#1b222a",
    success="#8fce7a",
    warning="#e6b85c",
    error="#f2777a",
    variables={
        "muted": "#8b98a5",
        "input-selection-background": "#2f5d63",
        "border": "#5cc8d0",
        "scrollbar": "#3d7f86",
        "scrollbar-hover": "#3d7f86",
        "scrollbar-active": "#5cc8d0",
        "scrollbar-background": "#1b222a",
        "scrollbar-background-hover": "#1b222a",
        "scrollbar-background-active": "#1b222a",
    },
)

PROJECTOR = Theme(
    name="konnect-projector",
    dark=True,
    primary="#ffe14d",
    secondary="#ffffff",
    accent="#ffe14d",
    foreground="#ffffff",
    background="#000000",
    surface="#1c1c1c",
    panel="#1c1c1c",
    success="#7dff6b",
    warning="#ffb52e",
    error="#ff8a8a",
    variables=THEME.variables | {"muted": "#e6e6e6", "border": "#ffe14d"},
)
"""The same for a projector in a bright room: nothing is grey."""

DONE, CURRENT, TODO = "✓", "▸", "·"
SIGNS = {"error": "✗", "warning": "!", "note": "i"}
"""What stands before a problem of each severity."""
COLOURS = {"error": "$error", "warning": "$warning", "note": "$muted"}
