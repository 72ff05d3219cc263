"""Creating a control plane: a form over the wizard, a question before anything is made, and what Konnect answers."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from textual import on, work
from textual.binding import Binding
from textual.content import Content
from textual.worker import Worker

from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError
from konnect_tui.flow import creating
from konnect_tui.flow.creating import Wanted
from konnect_tui.konnect import kinds
from konnect_tui.konnect.models import ControlPlane
from konnect_tui.ui.dialogs import QuestionScreen
from konnect_tui.ui.form import Form
from konnect_tui.ui.messages import Edited, Explain, GoOn, Refused
from konnect_tui.ui.session import explained
from konnect_tui.ui.sheet import Sheet
from konnect_tui.ui.theme import COLOURS, SIGNS
from konnect_tui.words import clip, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.ui.session import Session

_UNSURE: Final = (
    "Stopped. Whether Konnect made it can't be told from here: Esc goes back to the list, where F5 asks anew."
)


class CreatePlane(Sheet[ControlPlane | None]):
    """Gives the control plane that was created, or the one that has the name already; None when it was closed."""

    DEFAULT_CSS = """
    CreatePlane Form { padding: 1 2 0 2; height: 1fr; }
    """
    BINDINGS = [
        Binding("escape", "leave", show=False),
        Binding("enter,ctrl+n", "next", show=False),
    ]
    TOPICS = (
        (
            "Creating a control plane",
            (
                "It is made in Konnect right away, in the organisation and region named above, and it is empty: no "
                "service, no route, no node. The wizard goes on with it. Removing it again is done in Konnect."
            ),
        ),
        (
            "Authentication",
            (
                "Pinned: Konnect is given every node's own certificate. PKI: Konnect is given a CA, and takes whatever "
                "that issues. It is sent with the request and read back."
            ),
        ),
    )

    def __init__(self, session: "Session", region: str, name: str) -> None:
        """`name` is what to begin with."""
        super().__init__()
        self._session = session
        self._region = region
        self.wanted = Wanted(name=" ".join(name.split()))
        self._fault = ""
        self._worker: Worker[None] | None = None

    @property
    def form(self) -> Form:
        """The fields."""
        return self.query_one(Form)

    @property
    def _place(self) -> str:
        organization = self._session.organization
        return f"organisation {printable(organization.name or organization.id)}, region {self._region}"

    def body(self) -> Iterable[Form]:
        """The fields."""
        yield Form(creating.fields(self.wanted), Draft(), {})

    def on_mount(self) -> None:
        """Begin at the name."""
        self.form.focus_first()

    # --- what is shown around the form

    def title_lines(self) -> Content:
        """Where it would be made."""
        width = max(self.app.size.width - 4, 40)
        return Content.assemble(
            ("Create a control plane\n", "bold $primary"),
            (clip(f"In {self._place}: Konnect has it right away.", width), "$muted"),
        )

    def told(self) -> Content:
        """Why not, what is going on, else what the field is about."""
        width = max(self.app.size.width - 4, 40)
        if self._fault:
            lines, style = wrap(f"{SIGNS['error']} {printable(self._fault)}", width)[:3], COLOURS["error"]
        elif self._busy:
            lines, style = ["Asking Konnect … Esc stops waiting."], "$primary"
        else:
            row = self.form.current if self.is_mounted else None
            lines, style = wrap(row.explanation, width)[:3] if row else [], "$muted"
        return Content("\n").join(Content.styled(line, style) for line in lines)

    def listed(self) -> list[tuple[str, str, str]]:
        """Keys."""
        return [("Esc", "Stop" if self._busy else "Close", "screen.leave"), ("F1", "Help", "app.explain")]

    @property
    def onward(self) -> str:  # type: ignore[override]
        """What Enter does in the last field."""
        return "" if self._busy else "Create"

    @on(Explain)
    def _explain(self) -> None:
        self.describe()

    @on(Refused)
    def _refused(self, event: Refused) -> None:
        event.stop()
        self._tell(event.reason)

    def _tell(self, fault: str) -> None:
        self._fault = fault
        self.describe()

    # --- what was answered

    @on(Edited)
    def _edited(self, event: Edited) -> None:
        event.stop()
        if self.form.arrived(event):
            self._take(event)

    def _take(self, event: Edited) -> None:
        self.wanted, self._fault = self.wanted.answer(event.key, event.value), ""
        self.form.show(creating.fields(self.wanted), Draft())
        self.form.blame(tuple(creating.faults(self.wanted)), everywhere=False)
        self.describe()

    @on(GoOn)
    async def _go_on(self) -> None:
        await self.action_next()

    async def action_next(self) -> None:
        """Ask whether it is meant, unless something has to be put right first."""
        if self._busy:
            return
        for event in self.form.gather():
            self._take(event)
        self.form.blame(tuple(creating.faults(self.wanted)), everywhere=True)
        if row := self.form.guilty:
            row.control.focus()
            self._tell(row.reason)
        else:
            self._worker = self._create()

    def action_leave(self) -> None:
        """Stop waiting, else close."""
        if self._worker is not None and self._busy:
            self._worker.cancel()
            self._worker = None
            self._tell(_UNSURE)
        else:
            self.dismiss(None)

    # --- Konnect

    @property
    def _busy(self) -> bool:
        return self._worker is not None and not self._worker.is_finished

    @work(exclusive=True, group="create-plane")
    async def _create(self) -> None:
        told = (
            f"“{self.wanted.name}”, {self.wanted.mode}, in {self._place}.",
            "It is made in Konnect now, before anything else of the wizard.",
        )
        if await self.app.push_screen_wait(QuestionScreen("Create it in Konnect?", told, "create it", "not yet")):
            self.describe()
            try:
                made = await self._session.client.create(self._region, self.wanted.request())
            except KonnectError as fault:
                await self._explained(fault)
            else:
                self.dismiss(made)
        self._worker = None
        self.describe()

    async def _explained(self, fault: KonnectError) -> None:
        """What Konnect refused; a name that is taken may be just the control plane that is wanted."""
        self._tell(explained(fault))
        if fault.code != "name-taken":
            return
        try:
            there = await self._session.client.named(self._region, self.wanted.name)
            member = there is not None and await self._session.client.is_member(self._region, there.id)
        except KonnectError:
            return
        if there is None:
            self._tell("The name is taken, by a control plane that is in no list of this region. Choose another name.")
        elif reason := kinds.why_not(there.config) or (kinds.MEMBER if member else ""):
            self._tell(f"The name is taken, by a control plane that can't take a node. {reason} Choose another name.")
        elif await self.app.push_screen_wait(QuestionScreen("The name is taken", self._reuse(there), "use it", "no")):
            self.dismiss(there)

    def _reuse(self, there: ControlPlane) -> Iterable[str]:
        yield f"“{there.name}” is in {self._place} already: {kinds.kind(there.config)}, {there.auth_mode}."
        if there.auth_mode != self.wanted.mode:
            yield f"You wanted {self.wanted.mode}: its nodes are {there.auth_mode}, and yours would be, too."
        yield "It can take nodes, and nothing of it would be changed."
