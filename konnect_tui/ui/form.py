"""The fields of a step on the screen, kept in step with the draft."""

from textual import on
from textual.containers import VerticalScroll
from textual.widget import Widget

from konnect_tui.draft import Draft
from konnect_tui.errors import Problem
from konnect_tui.flow.step import Field, Unclear, Value
from konnect_tui.ui.messages import Answered, Edited, Explain, GoOn, Pointed
from konnect_tui.ui.row import FieldRow


class Form(VerticalScroll, can_focus=False):
    """All rows of a step. Keeps its own draft, so that two quick answers never lose one another."""

    DEFAULT_CSS = """
    Form { height: auto; max-height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: auto; }
    """

    def __init__(self, fields: tuple[Field, ...], draft: Draft, unclear: dict[str, str]) -> None:
        """`unclear` outlives the form: what was typed and is no answer yet, by the field's key."""
        super().__init__()
        self._unclear = unclear
        self.draft = draft
        self.fields = fields
        self._all_shown = False
        self._touched: set[str] = set()
        self._faults: dict[str, str] = {}
        self._under_way: list[Edited] = []
        self._remarks: dict[str, tuple[Problem, ...]] = {}

    def compose(self) -> "list[Widget]":
        """A row for each field."""
        return [FieldRow(field, self.draft) for field in self._visible()] + self._more()

    def on_mount(self) -> None:
        """Go on with what was typed here before and is no answer yet."""
        for row in self.rows:
            if text := self._unclear.get(row.field.key):
                row.control.type_again(text)

    @property
    def rows(self) -> list[FieldRow]:
        """The rows, top first."""
        return list(self.query_children(FieldRow))

    def _hidden(self) -> list[Field]:
        if self._all_shown:
            return []
        said = (field for field in self.fields if field.rare and field.key not in self._unclear)
        return [field for field in said if not field.get(self.draft)]

    def _visible(self) -> list[Field]:
        hidden = self._hidden()
        return [field for field in self.fields if field not in hidden]

    def _more(self) -> list[Widget]:
        if not self._hidden():
            return []
        from konnect_tui.ui.controls.more import More

        return [More(self._hidden_labels())]

    def _hidden_labels(self) -> tuple[str, ...]:
        return tuple(field.label for field in self._hidden())

    def show(self, fields: tuple[Field, ...], draft: Draft) -> None:
        """Show these fields: rows that stay keep what is typed in them, others come or go."""
        self.fields, self.draft = fields, draft
        wanted = self._visible()
        there = {row.field.key: row for row in self.rows}
        for key, row in there.items():
            if key not in {field.key for field in wanted}:
                self._faults.pop(key, None)
                self._unclear.pop(key, None)
                row.remove()
        before: Widget | None = None
        for field in wanted:
            if field.key in there:
                there[field.key].show(field, draft)
            else:
                there[field.key] = FieldRow(field, draft)
                place = {"after": before} if before else {"before": 0}
                self.mount(there[field.key], **place)
            before = there[field.key]
        self._show_more(before)

    def _show_more(self, last: Widget | None) -> None:
        """The row for the hidden fields, as far as there are any."""
        from konnect_tui.ui.controls.more import More

        there, wanted = self.query_one_optional(More), self._more()
        if there and wanted:
            there.show(self._hidden_labels())
        elif there:
            there.remove()
        elif wanted:
            self.mount(*wanted, after=last)

    def show_all(self) -> None:
        """Show the fields that few people need, too."""
        first = next(iter(self._hidden()), None)
        self._all_shown = True
        self.show(self.fields, self.draft)
        if first:
            self.call_after_refresh(self.focus_field, first.key)

    def focus_field(self, key: str) -> None:
        """Put the focus into a field."""
        for row in self.rows:
            if row.field.key == key:
                row.control.focus()

    def focus_first(self) -> None:
        """Put the focus into the first field."""
        for row in self.rows[:1]:
            row.control.focus()

    def touch(self, problems: tuple[Problem, ...]) -> None:
        """These are about what was answered, wherever it was: show them beside their fields from now on."""
        self._touched |= {row.field.key for row in self.rows for problem in problems if row.field.owns(problem)}

    def blame(self, problems: tuple[Problem, ...], *, everywhere: bool) -> None:
        """Show the problems beside their fields: where something was answered, or everywhere after a refused Next."""
        for row in self.rows:
            key = row.field.key
            own = tuple(problem for problem in problems if row.field.owns(problem))
            seen = everywhere or key in self._touched
            row.blame((own if seen else ()) + self._remarks.get(key, ()), self._faults.get(key, ""))

    @property
    def guilty(self) -> FieldRow | None:
        """The first field that has to be put right."""
        return next((row for row in self.rows if row.guilty), None)

    @property
    def current(self) -> FieldRow | None:
        """The row that has the focus."""
        return next((row for row in self.rows if row.has_pseudo_class("focus-within")), None)

    @on(Answered)
    def take(self, event: Answered) -> None:
        """Put the answer into the draft."""
        event.stop()
        row = next((row for row in self.rows if row.control is event.by), None)
        if row is not None and row.taken != event.value:
            self._under_way.append(self._answer(row, event.value))
            self.post_message(self._under_way[-1])

    def offered(self, draft: Draft, key: str) -> Edited:
        """A draft that was changed beside the fields, as if the field `key` had been answered. The caller posts it."""
        self.draft = draft
        self._under_way.append(Edited(draft, key, None))
        return self._under_way[-1]

    def gather(self) -> list[Edited]:
        """Take the answers that are still on their way: what is done next must not go by older ones."""
        newest = [self._answer(row, row.control.answer) for row in self.rows if row.control.answer != row.taken]
        found, self._under_way = self._under_way + newest, []
        return found

    def arrived(self, event: Edited) -> bool:
        """Whether this came by itself; False where it was gathered before."""
        if fresh := event in self._under_way:
            self._under_way.remove(event)
        return fresh

    def _answer(self, row: FieldRow, value: Value) -> Edited:
        field = row.field
        row.taken = value
        self._touched.add(field.key)
        self._faults.pop(field.key, None)
        self._remarks[field.key] = field.remarks(self.draft, value)
        try:
            self.draft = field.put(self.draft, value)
        except Unclear as reason:
            self._faults[field.key] = str(reason)
            self._unclear[field.key] = row.control.typed
        else:
            self._unclear.pop(field.key, None)
            row.settle(field, self.draft)
        return Edited(self.draft, field.key, value)

    @on(GoOn)
    def _go_on(self, event: GoOn) -> None:
        """Enter in a field that others follow which still have to be filled leads there; else it leaves the page."""
        rows = self.rows
        at = next((at for at, row in enumerate(rows) if row is self.current), len(rows))
        for row in rows[at + 1 :]:
            if row.field.kind in ("text", "paste", "secret", "path") and row.field.required and not row.filled:
                event.stop()
                row.control.focus()
                return

    @on(Pointed)
    def _keep_seen(self, event: Pointed) -> None:
        event.stop()
        if self.current:
            control = self.current.control
            self.scroll_to_region(
                event.region.translate(control.virtual_region.offset + self.current.virtual_region.offset),
                animate=False,
            )

    def on_descendant_focus(self) -> None:
        """What is explained at the foot of the page changes."""
        self.post_message(Explain())
