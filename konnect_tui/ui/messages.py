"""What the parts of the wizard tell each other."""

from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Value

if TYPE_CHECKING:
    from konnect_tui.flow.pasted import Pasted


class Answered(Message):
    """A control has another value now. Sent at each change."""

    def __init__(self, by: Widget, value: Value) -> None:
        super().__init__()
        self.by = by
        self.value = value


class GoOn(Message):
    """Enter was pressed in a control: on to what comes next."""


class Edited(Message):
    """A form has taken an answer. `key` is the field's; `draft` may be the same as before."""

    def __init__(self, draft: Draft, key: str, value: Value) -> None:
        super().__init__()
        self.draft = draft
        self.key = key
        self.value = value


class Pointed(Message):
    """The cursor of a tall control is now at this region of it, which should be seen."""

    def __init__(self, region: Region) -> None:
        super().__init__()
        self.region = region


class Explain(Message):
    """What has the focus, or what its choice stands at, is something else now."""


class Ready(Message):
    """What the page had to wait for before it is left is there."""

    def __init__(self, by: Widget) -> None:
        super().__init__()
        self.by = by


class Refused(Message):
    """What was just done can't be, and why: a sentence for the foot of the page."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class TextPasted(Message):
    """The text of a file was pasted where its path was asked for, and has been read."""

    def __init__(self, by: Widget, pasted: "Pasted") -> None:
        super().__init__()
        self.by = by
        self.pasted = pasted
