"""The wizard's one screen: header, rail, the page of the current step, a hint, the keys."""

from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from konnect_tui.draft import TOLD
from konnect_tui.errors import Problem
from konnect_tui.flow.order import KEYS, REVIEW, following, owner, step
from konnect_tui.ui.chrome import ACTION, WIDE, header, hint, keys, rail, too_small
from konnect_tui.ui.controls.more import More
from konnect_tui.ui.form import Form
from konnect_tui.ui.messages import Edited, Explain, GoOn, Ready, Refused
from konnect_tui.ui.steps import StepView, view

if TYPE_CHECKING:
    from konnect_tui.ui.app import KonnectApp

SMALLEST = (80, 24)


class WizardScreen(Screen[None]):
    """Goes from step to step. The draft belongs to the app; each page is made anew and shows it."""

    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("escape", "back", show=False),
        Binding("enter,ctrl+n", "next", show=False),
        Binding("f9,ctrl+r", "review", show=False),
        Binding("q", "app.leave", show=False),
    ]

    def __init__(self, key: str, wide: bool) -> None:
        super().__init__(classes="-wide" if wide else "")
        self.key = key
        self.seen = {key}
        self._jumps = False
        self.refusal = ""
        self._described = self.app.size.width

    @property
    def konnect(self) -> "KonnectApp":
        """The app, by its own type."""
        return self.app  # type: ignore[return-value]

    @property
    def page(self) -> StepView:
        """The page that is shown."""
        return self.query_one(StepView)

    def compose(self) -> ComposeResult:
        """Everything but the page stays for the whole run. What is known is there from the first frame on."""
        draft, wide = self.konnect.draft, self.has_class("-wide")
        page = self._view()
        yield Static(self._header(self.app.size.width), id="header")
        yield Static(rail(self.key, self.seen, draft, wide=wide), id="rail")
        yield page
        yield Static(id="hint")
        yield Static(keys(self._keys(page), self.app.size.width, page.onward), id="keys")

    def _view(self) -> StepView:
        return view(step(self.key), self.konnect.draft, self.konnect.scene)

    def on_resize(self, event: events.Resize) -> None:
        """Say so where there is no room, rather than show half a page."""
        width, height = event.size
        wide, small = width >= WIDE, width < SMALLEST[0] or height < SMALLEST[1]
        if small != self.has_class("-too-small"):
            self.set_class(small, "-too-small")
            if small:
                self.mount(Static(too_small(SMALLEST), id="small"))
            else:
                self.query("#small").remove()
        if (wide, width) != (self.has_class("-wide"), self._described):
            self.set_class(wide, "-wide")
            self.describe(width)
            self.page.describe()

    async def on_click(self, event: events.Click) -> None:
        """The keys at the foot can be clicked."""
        if action := event.style.meta.get(ACTION):
            namespace, _, name = action.partition(".")
            await (self.app.run_action(name, self.page) if namespace == "page" else self.run_action(action))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No step is taken that can't be seen."""
        blind = self.has_class("-too-small") and action in ("back", "next", "review")
        return not blind

    # --- what is shown around the page

    def describe(self, width: int | None = None) -> None:
        """Show header, rail, keys and hint as they are now; not while one page takes the place of another."""
        if self.query_one_optional(StepView) is None:
            return
        width = self._described = width or self.app.size.width
        draft = self.konnect.draft
        self._put("#header", self._header(width))
        self._put("#rail", rail(self.key, self.seen, draft, wide=width >= WIDE))
        self._put("#keys", keys(self._keys(self.page), width, self.page.onward))
        self._explain()

    def _header(self, width: int) -> Content:
        konnect = self.konnect
        session = konnect.session if konnect.draft.control_plane.source in TOLD else None
        whose = session.organization.name or session.organization.id if session else ""
        elsewhere = session.elsewhere if session and not session.training else ""
        return header(konnect.draft, width, whose, elsewhere, training=konnect.in_training)

    def _put(self, place: str, content: Content) -> None:
        """Show this where it isn't shown yet. These places keep their size, so nothing has to be laid out anew."""
        static = self.query_one(place, Static)
        shown = static.content
        if not (isinstance(shown, Content) and shown.is_same(content)):
            static.update(content, layout=False)

    def _keys(self, page: StepView) -> list[tuple[str, str, str]]:
        """Key, word, action: those that do something here."""
        listed = [("Esc", "Back", "screen.back")] if following(self.key, self.konnect.draft, -1) else []
        listed.append(("F1", "Help", "app.explain"))
        if KEYS.index("control_plane") <= KEYS.index(self.key) < KEYS.index(REVIEW):
            short = len(page.keys()) > (0 if self.app.size.width < WIDE else 3)
            listed.append(("F9", "Review" if short else "Review with defaults", "screen.review"))
        listed.append(("Ctrl+Q", "Quit", "app.leave"))
        return [*page.keys(), *listed]

    @on(Explain)
    def _explain(self) -> None:
        self._put("#hint", hint(self.refusal, self.page.explanation, max(self.app.size.width - 4, 40)))

    def refuse(self, reason: str) -> None:
        """Say why not."""
        self.refusal = reason
        self._explain()

    @on(Refused)
    def _refused(self, event: Refused) -> None:
        event.stop()
        self.refuse(event.reason)

    # --- what was answered

    @on(Edited)
    def _edited(self, event: Edited) -> None:
        form = self.page.form_or_none
        if form and form.arrived(event):
            self._take(form, event)

    def _take(self, form: Form, event: Edited) -> None:
        self.konnect.change(event.draft)
        self.refusal = ""
        self.page.answered(event.key, event.value)
        if form.draft is event.draft:  # else a newer answer is under way, and showing this one would undo it
            if event.draft != self.page.draft:
                self.page.show(event.draft)
            form.blame(self.konnect.problems(), everywhere=False)
        self.describe()

    @on(More.Pressed)
    def _show_more(self) -> None:
        self.page.form.show_all()

    @on(GoOn)
    async def _go_on(self) -> None:
        await self.run_action("next")  # as a key would: not where it can't be seen

    def gather(self) -> None:
        """Take what was typed or chosen this very moment, before going by the draft."""
        if form := self.page.form_or_none:
            for event in form.gather():
                self._take(form, event)

    # --- from step to step

    async def action_next(self) -> None:
        """On to the next step, unless something here has to be put right first."""
        self._jumps = False
        await self._leave()

    async def action_review(self) -> None:
        """Straight to Review, the default for everything not chosen yet."""
        if KEYS.index("control_plane") <= KEYS.index(self.key) < KEYS.index(REVIEW):
            self._jumps = True
            await self._leave()

    async def _leave(self) -> None:
        self.gather()
        reason = self._blame()
        if reason and not self.page.cure():
            self.refuse(reason)
        elif not reason and await self.page.leave():
            await self._arrive()

    @on(Ready)
    async def _proceed(self, event: Ready) -> None:
        event.stop()
        if event.by is self.page and await self.page.proceed():
            await self._arrive()

    async def _arrive(self) -> None:
        """On to where was asked for when the page was to be left."""
        if not self._jumps:
            await self.go(following(self.key, self.konnect.draft))
            return
        skipped = KEYS[KEYS.index(self.key) : KEYS.index(REVIEW)]
        self.seen.update(skipped)
        self.konnect.settle(*skipped)
        unclear = next((key for key in skipped if self.konnect.unclear.get(key)), None)
        await self.go(unclear or REVIEW)

    async def action_back(self) -> None:
        """To the step before. Nothing is lost."""
        self.gather()
        if await self.page.back():
            await self.go(following(self.key, self.konnect.draft, -1))

    def _blame(self) -> str:
        """Why this step can't be left, with the focus put where it has to be put right."""
        self.page.take()
        page, form = self.page, self.page.form_or_none
        if self.konnect.settle(self.key):
            page.show(self.konnect.draft)
        mine = [problem for problem in self.konnect.problems() if problem.severity == "error" and self._here(problem)]
        if form:
            form.blame(self.konnect.problems(), everywhere=True)
            if row := form.guilty:
                row.control.focus()
                return row.reason
        reason, key = page.reason_to_stay()
        if reason and form:
            form.focus_field(key)
        return reason or (mine[0].message if mine else "")

    def _here(self, problem: Problem) -> bool:
        return owner(problem) == self.key

    async def go(self, key: str | None) -> None:
        """Show another step's page."""
        if key is None:
            return
        self.key, self.refusal = key, ""
        self.seen.add(key)
        with self.app.batch_update():
            await self.page.remove()
            await self.mount(self._view(), after="#rail")
            self.describe()
