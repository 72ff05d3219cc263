"""Choosing one or several out of a list: all choices on the screen, one a line, with what they mean."""

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region, Size

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Choice, Field, Value, items
from konnect_tui.ui.controls import Control
from konnect_tui.ui.messages import Answered, Explain, GoOn, Pointed
from konnect_tui.words import cells, printable, wrap

_AIRY = 3
"""Up to so many choices a blank line parts them."""


class ChoiceList(Control, can_focus=True):
    """One answer out of several. Moving chooses; nothing is chosen until someone moves or there is a value."""

    DEFAULT_CSS = """
    ChoiceList { height: auto; width: 1fr; }
    """
    BINDINGS = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
        Binding("space", "press", show=False),
        Binding("enter", "go_on", show=False),
    ]
    signs = ("( )", "(•)")

    def __init__(self, field: Field, draft: Draft) -> None:
        super().__init__()
        self.choices = field.choices
        self.chosen = self._standing(field, draft)
        self.cursor = self._first()

    def _standing(self, field: Field, draft: Draft) -> tuple[str, ...]:
        return items(field.chosen(draft))

    def _first(self) -> int:
        return next((at for at, choice in enumerate(self.choices) if choice.value in self.chosen), -1)

    @property
    def answer(self) -> Value:
        """What is chosen."""
        return next(iter(self.chosen), None)

    @property
    def explanation(self) -> str:
        """What the choice under the cursor means, where the list itself doesn't say it."""
        return self.choices[self.cursor].refused if self.cursor >= 0 else ""

    def show(self, field: Field, draft: Draft) -> None:
        """Show the choices as they are now, and the one it stands at."""
        choices, chosen = field.choices, self._standing(field, draft)
        if (choices, chosen) == (self.choices, self.chosen):
            return
        other = len(choices) != len(self.choices) or chosen != self.chosen
        self.choices, self.chosen = choices, chosen
        if other or self.cursor < 0:
            self.cursor = self._first()
        self.refresh(layout=True)

    def render(self) -> Content:
        """All lines."""
        return Content("\n").join(line for lines in self._blocks(self.size.width) for line in lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the choices take at this width."""
        return sum(len(lines) for lines in self._blocks(width))

    def _blocks(self, width: int) -> list[list[Content]]:
        beside = _beside(self.choices, width)
        return [self._block(at, choice, width, beside) for at, choice in enumerate(self.choices)]

    def _block(self, at: int, choice: Choice, width: int, beside: int) -> list[Content]:
        here = self.has_focus and at == self.cursor
        sign = self.signs[choice.value in self.chosen]
        style = "$muted" if choice.refused else "bold $primary" if here else ""
        label = Content.styled(f"{'▸' if here else ' '} {sign} {printable(choice.label)}", style)
        told = printable(choice.explanation or choice.refused)
        if not told:
            return [label]
        if beside:
            return [Content.assemble(label.pad_right(max(0, beside - label.cell_length)), (told, "$muted"))]
        lines = [Content.styled(f"      {line}", "$muted") for line in wrap(told, max(width - 6, 20))]
        return [label, *lines, *([Content("")] if at + 1 < len(self.choices) <= _AIRY else [])]

    def action_move(self, by: int) -> None:
        """Move the cursor, and choose what is under it."""
        self.point(min(max(self.cursor + by, 0), len(self.choices) - 1))

    def point(self, at: int) -> None:
        """Put the cursor on a choice and take it."""
        before = self._marked()
        self.cursor = at
        self.take(self.choices[at])
        self._follow(before | self._marked())

    def _marked(self) -> set[int]:
        """The choices that are drawn otherwise than the rest."""
        return {self.cursor, *(at for at, choice in enumerate(self.choices) if choice.value in self.chosen)}

    def take(self, choice: Choice) -> None:
        """Choose it, if it can be."""
        if not choice.refused and self.chosen != (choice.value,):
            self.chosen = (choice.value,)
            self.post_message(Answered(self, choice.value))

    def _follow(self, redrawn: set[int]) -> None:
        """Draw these anew, and nothing else: that is most of the time between a key and what is seen of it."""
        top, regions = 0, []
        for lines in self._blocks(self.size.width):
            regions.append(Region(0, top, self.size.width, len(lines)))
            top += len(lines)
        self.refresh(*(regions[at] for at in redrawn if at >= 0))
        self.post_message(Pointed(regions[self.cursor]))
        self.post_message(Explain())

    def action_press(self) -> None:
        """Choose what is under the cursor, the first where it has not been moved yet."""
        self.point(max(self.cursor, 0))

    def action_go_on(self) -> None:
        """On to the next."""
        self.post_message(GoOn())

    def on_click(self, event: events.Click) -> None:
        """Take the choice that was clicked."""
        line = 0
        for at, lines in enumerate(self._blocks(self.size.width)):
            if line <= event.y < line + len(lines):
                self.point(at)
            line += len(lines)

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()


class MultiList(ChoiceList):
    """Any number of answers out of several."""

    signs = ("[ ]", "[x]")

    def _standing(self, field: Field, draft: Draft) -> tuple[str, ...]:
        return items(field.get(draft)) or items(field.default)

    def _first(self) -> int:
        return min(max(getattr(self, "cursor", 0), 0), len(self.choices) - 1)

    @property
    def answer(self) -> Value:
        """All that is chosen."""
        return self.chosen

    def take(self, choice: Choice) -> None:
        """Moving chooses nothing here."""

    def action_press(self) -> None:
        """Choose what is under the cursor, or no longer."""
        choice = self.choices[self.cursor]
        if choice.refused:
            return
        wanted = set(self.chosen) ^ {choice.value}
        self.chosen = tuple(each.value for each in self.choices if each.value in wanted)
        self.refresh()
        self.post_message(Answered(self, self.chosen))

    def on_click(self, event: events.Click) -> None:
        """Switch the choice that was clicked."""
        super().on_click(event)
        self.action_press()


def _beside(choices: tuple[Choice, ...], width: int) -> int:
    """The column for explanations that stand beside the labels; 0 where they need lines of their own."""
    column = max((cells(printable(choice.label)) for choice in choices), default=0) + 9
    longest = max((cells(printable(choice.explanation or choice.refused)) for choice in choices), default=0)
    return column if column + longest <= width else 0
