"""The wizard's screens. Importing this package settles what Textual reads from the environment when it is loaded.

Everything that goes through layout waits for whole ticks of Textual's refresh timer: 240 a second make a page
change feel immediate. The logs that Textual can be asked for hold every key pressed, passphrases too: never.
"""

import os

for _name in ("TEXTUAL", "TEXTUAL_DEBUG", "TEXTUAL_LOG", "TEXTUAL_PRESS", "TEXTUAL_SCREENSHOT"):
    os.environ.pop(_name, None)
os.environ.setdefault("TEXTUAL_FPS", "240")
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
os.environ.setdefault("ESCDELAY", "40")  # ms: enough for an escape sequence over a slow line, short enough for Esc
