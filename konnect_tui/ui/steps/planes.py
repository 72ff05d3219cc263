"""The page of Control plane in Konnect: the list to choose from, what is known of one, creating another."""

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker

from konnect_tui.draft import ControlPlane, Draft
from konnect_tui.errors import KonnectError
from konnect_tui.flow.planes import Row, is_id
from konnect_tui.flow.step import Choice
from konnect_tui.konnect.target import Target
from konnect_tui.ui.chrome import WIDE
from konnect_tui.ui.messages import GoOn, Ready
from konnect_tui.ui.picking import PickScreen
from konnect_tui.ui.plane_words import about, counted, nothing
from konnect_tui.ui.planes import PlaneList
from konnect_tui.ui.session import explained
from konnect_tui.ui.steps import StepView
from konnect_tui.words import printable

if TYPE_CHECKING:
    from konnect_tui.konnect.models import ControlPlane as Plane
    from konnect_tui.ui.session import Session

_REDRAW: Final = 0.1
"""Seconds between two looks at what came: a page of answers is there every few milliseconds."""
_TICK: Final = 0.5


class PlanesStep(StepView):
    """The list comes page by page and outlives the page. Taking one sets the draft's control plane and the target."""

    DEFAULT_CSS = """
    PlanesStep > .top { height: 2; }
    PlanesStep > .told { height: 6; border-top: solid $surface-lighten-1; }
    """
    BINDINGS = [
        Binding("f2", "create", show=False),
        Binding("f3", "sort", show=False),
        Binding("f4", "certificates", show=False),
        Binding("f5", "refresh", show=False),
        Binding("f6", "elsewhere", show=False),
    ]

    def __init__(self, *rest: object) -> None:
        super().__init__(*rest)  # type: ignore[arg-type]
        self._due = False
        self._check: Worker[None] | None = None
        self._doing = ""
        self._elsewhere: tuple[str, Plane] | None = None

    @property
    def session(self) -> "Session":
        """The connection: this page is shown only where there is one."""
        session = self.konnect.session
        if session is None:
            raise RuntimeError("there is no connection")
        return session

    @property
    def listed(self) -> PlaneList:
        """The list."""
        return self.query_one(PlaneList)

    def compose(self) -> ComposeResult:
        """The heading, what was typed, the list, what is known of the one under the cursor."""
        plane = self.draft.control_plane
        self.planes = self.session.planes_of(plane.region or "")
        yield Static(self.heading(), classes="heading")
        yield Static(classes="top")
        yield PlaneList(self.planes, self.konnect.services.now().timestamp(), plane.id or "")
        yield Static(classes="told")

    def on_mount(self) -> None:
        """Begin to load, or show what is there."""
        self.planes.hear = self._hear
        if not (self.planes.loaded or self.planes.loading):
            self._load()
        self._draw()
        self.set_interval(_TICK, self._tick)
        self.konnect.warm("konnect_tui.pki.drawing.chain")

    def _tick(self) -> None:
        """While Konnect is waited for, for how much longer is told."""
        if self.planes.loading or self.checking:
            self.konnect.described()

    def on_unmount(self) -> None:
        """What still comes is kept, and shown nowhere."""
        self.planes.hear = lambda: None

    def _load(self) -> None:
        """The app asks: what comes must not be lost when the page is left."""
        self.app.run_worker(self.planes.load(), group="planes", exclusive=True)

    # --- what is shown

    def _hear(self) -> None:
        """Something came: shown at once if it is the first, else together with what follows."""
        listed = self.query_one_optional(PlaneList)
        if listed is None:  # the page is just being left
            return
        if not listed.row:
            self._draw()
        elif not self._due:
            self._due = True
            self.set_timer(_REDRAW, self._draw)

    def _draw(self) -> None:
        self._due = False
        if fault := self.planes.fault:
            self.session.faults[self.planes.region] = fault.message
            self.konnect.refuse(explained(fault))
        elif self.planes.loaded:
            self.session.faults.pop(self.planes.region, None)
        self.listed.told = tuple(nothing(self.planes, self.session))
        self.listed.sync()
        self._describe()

    def on_resize(self) -> None:
        """Columns are fitted to the width."""
        self.call_after_refresh(self._describe)

    @on(PlaneList.Moved)
    def _describe(self) -> None:
        width = max(self.size.width - 4, 40)
        top = counted(self.planes, width)
        self.query_one(".top", Static).update(Content("\n").join((top, self.listed.heads())), layout=False)
        told = about(self.listed, self.listed.row, width)
        self.query_one(".told", Static).update(told, layout=False)
        if self.planes.want(self.listed.seen, self.listed.row):
            self.run_worker(self.planes.learn(self.konnect.services.now().timestamp()), group="nodes")
        self.konnect.described()

    @on(PlaneList.Sifted)
    def _sifted(self) -> None:
        self.listed.told = tuple(nothing(self.planes, self.session))
        self.konnect.refuse("")
        self._describe()

    @property
    def explanation(self) -> str:
        """What the keys do here."""
        if self.checking:
            return f"{self._doing} … Esc stops it."
        if told := self.session.patience.told:
            return told
        row = self.listed.row if self.is_mounted else None
        if row is None:
            return (
                "Enter asks what a new control plane of this region shall be; when you agree, Konnect has it at once."
            )
        return self.listed.refusal(row) or (
            "Type to filter by name, label, id or host. Enter takes the control plane; F9 takes it, and the default "
            "for all that follows."
        )

    def keys(self) -> list[tuple[str, str, str]]:
        """Keys of this page; F1 tells those that there is no room for."""
        create, elsewhere = ("F2", "Create", "page.create"), ("F6", "Elsewhere", "page.elsewhere")
        certificates = [("F4", "Certs", "page.certificates")] if self.listed.row else []
        if self.app.size.width < WIDE:
            return [elsewhere] if self.planes.listing.typed else [create, *certificates]
        return [create, ("F3", "Sort", "page.sort"), *certificates, ("F5", "Refresh", "page.refresh"), elsewhere]

    @property
    def onward(self) -> str:
        """What Enter does to what the cursor is on."""
        row = self.listed.row
        if row is None:
            return "Create"
        return "" if self.listed.refusal(row) or self.checking else "Take"

    def show(self, draft: Draft) -> None:
        """The list shows no draft."""
        self.draft = draft

    def look_again(self) -> None:
        """Nothing here depends on it."""

    def focus_first(self) -> None:
        """Into the list."""
        self.listed.focus()

    def action_certificates(self) -> None:
        """The certificates of the one under the cursor, whether or not nodes may join it."""
        from konnect_tui.ui.inventory import InventoryScreen

        if row := self.listed.row:
            target = Target(self.planes.region, self.session.organization, row.plane())
            self.app.push_screen(InventoryScreen(self.session, target))

    # --- taking one

    def take(self) -> None:
        """The draft is about the one under the cursor from now on."""
        row, plane = self.listed.row, self.konnect.draft.control_plane
        if row is None or self.listed.refusal(row):
            return
        if plane.id != row.id:
            plane = ControlPlane(source=plane.source, trusted_ca=plane.trusted_ca)
        taken = replace(plane, region=self.planes.region, id=row.id, name=row.name, auth_mode=row.mode)
        self.konnect.change(replace(self.konnect.draft, control_plane=taken))
        if not plane.training:
            self.konnect.services.recent.use(self.planes.region)
        self.konnect.target = Target(self.planes.region, self.session.organization, row.plane())

    def reason_to_stay(self) -> tuple[str, str]:
        """Why the one under the cursor can't be taken."""
        row = self.listed.row
        return (self.listed.refusal(row) if row else ""), ""

    def cure(self) -> bool:
        """On the line that creates one, nothing has to be there yet."""
        if self.listed.row is None:
            self.action_create()
        return self.listed.row is None

    async def leave(self) -> bool:
        """Ask whether a group has it as a member, unless that is known."""
        row = self.listed.row
        if self.checking:
            return False
        if row is None:
            self.action_create()
            return False
        if row.may_be_member and row.id in self.planes.members:
            self.konnect.target = replace(self._target, member=False)
            return True
        self._check = self._ask(row)
        return False

    @property
    def _target(self) -> Target:
        target = self.konnect.target
        if target is None:
            raise RuntimeError("nothing was taken")
        return target

    @property
    def checking(self) -> bool:
        """Whether Konnect is being asked something that has to be known first."""
        return self._check is not None and not self._check.is_finished

    @work(exclusive=True, group="check")
    async def _ask(self, row: Row) -> None:
        from konnect_tui.live.locate import informed, judge

        self._doing = "Asking Konnect whether nodes may join"
        self.konnect.described()
        try:
            target = await informed(self.session.client, self._target)
        except KonnectError as fault:
            self._check = None
            self.konnect.described()
            self.konnect.refuse(explained(fault))
            return
        self._check = None
        self.konnect.target = target
        if target.member is not None:
            self.planes.members[row.id] = target.member
        live = self.konnect.services.hosts.live
        wrong = [
            each for each in judge(target, self.konnect.draft.control_plane, live=live) if each.severity == "error"
        ]
        self._draw()
        if wrong:
            self.konnect.refuse(wrong[0].message)
        else:
            self.post_message(Ready(self))

    async def proceed(self) -> bool:
        """On; or to the other region that was chosen."""
        if self._elsewhere is None:
            return True
        region, plane = self._elsewhere
        source = self.konnect.draft.control_plane.source
        moved = ControlPlane(source=source, region=region, id=plane.id, name=plane.name, auth_mode=plane.auth_mode)
        self.konnect.change(replace(self.konnect.draft, control_plane=moved))
        await self.konnect.show_step("control_plane")
        return False

    async def back(self) -> bool:
        """First what Konnect is asked is stopped, then what was typed goes, then the page."""
        if self._check is not None and self.checking:
            self._check.cancel()
            self._check = None
            self.konnect.described()
            self.konnect.refuse("Stopped: Konnect was not waited for any longer.")
            return False
        if self.planes.listing.typed:
            self.listed.sift("")
            return False
        return True

    @on(PlaneList.Picked)
    def _picked(self) -> None:
        self.post_message(GoOn())

    # --- keys

    def action_sort(self) -> None:
        """The other order."""
        listing = self.planes.listing
        listing.sort("created" if listing.order == "name" else "name")
        self._draw()

    def action_refresh(self) -> None:
        """Ask anew; what is there stays until the answer is whole."""
        self.konnect.refuse("")
        self._load()
        self._draw()

    def action_elsewhere(self) -> None:
        """Look in the other regions for what was typed."""
        if not self.planes.listing.typed.strip():
            self.konnect.refuse("Type the name or the id first; then F6 looks for it in the other regions.")
        elif not self.checking:
            self._check = self._look(" ".join(self.planes.listing.typed.split()))

    @work(exclusive=True, group="check")
    async def _look(self, typed: str) -> None:
        from konnect_tui.live.locate import places

        self._doing = "Looking in the other regions"
        self.konnect.described()
        section = ControlPlane(source=self.draft.control_plane.source, region=self.planes.region, name=typed)
        identity = typed.lower() if is_id(typed) else None
        try:
            found, silent = await places(self.session.client, section, identity)
        except KonnectError as fault:
            self._check = None
            self.konnect.described()
            self.konnect.refuse(explained(fault))
            return
        self._check = None
        self.konnect.described()
        names = {each.code: each.name for each in self.session.regions}
        if not found:
            unheard = f" ({', '.join(silent)} did not answer)" if silent else ""
            self.konnect.refuse(f"No other region has a control plane of exactly that name or id{unheard}.")
            return
        choices = tuple(
            Choice(code, f"{code}  {names.get(code, '')}", f"{printable(plane.name)}, {plane.auth_mode}. Go there.")
            for code, plane in found.items()
        )

        def picked(region: str | None) -> None:
            if region:
                self._elsewhere = region, found[region]
                self.post_message(Ready(self))

        self.app.push_screen(PickScreen("It is in another region", choices, next(iter(found))), picked)

    @work(exclusive=True, group="new")
    async def action_create(self) -> None:
        """Create a control plane, and take it."""
        from konnect_tui.ui.creating import CreatePlane

        made = await self.app.push_screen_wait(CreatePlane(self.session, self.planes.region, self.planes.listing.typed))
        if made is None:
            return
        listing = self.planes.listing
        listing.add((made,))
        listing.total = max(listing.total, len(listing.rows))
        self.planes.members[made.id] = False
        self.listed.go_to(made.id)
        self._draw()
        self.take()
        self.post_message(Ready(self))
