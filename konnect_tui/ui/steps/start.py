"""The page of `flow.start`: begin in Konnect or offline, go on with a draft, or open a bundle."""

import os
import time
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from textual import on, work
from textual.binding import Binding
from textual.message import Message
from textual.worker import Worker

from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError
from konnect_tui.flow.connecting import CONNECTED, TOKEN, TYPED, WITHOUT, Connecting
from konnect_tui.flow.sources.requested import SIGNED
from konnect_tui.flow.start import (
    BUNDLE,
    KONNECT,
    LESSON,
    LESSONS,
    LOOK,
    NEW,
    TRAINING,
    Beginning,
    begun,
    fields,
)
from konnect_tui.flow.step import Value
from konnect_tui.ui.messages import Ready
from konnect_tui.ui.scene import waits
from konnect_tui.ui.steps import StepView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from konnect_tui.konnect.target import Target
    from konnect_tui.ui.resuming import Loaded
    from konnect_tui.ui.session import Patience

_IDLE: Final = 0.3
"""Seconds after which the first page is there and takes keys."""
_UNHURRIED: Final = 0.6
"""Seconds after which the first page has been read a little, and its last words may come."""
_TICK: Final = 0.25
_ANOTHER: Final = "Another one can be typed here."
_TURNING: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class StartStep(StepView):
    """Loads what is gone on with when the page is left, and connects to Konnect first where that is asked for."""

    class Offered(Message):
        """The tokens that there are were found."""

        def __init__(self, state: Connecting, fault: str) -> None:
            super().__init__()
            self.state, self.fault = state, fault

    class NextLesson(Message):
        """Which lesson comes next was found; empty where that can't be told."""

        def __init__(self, lesson: str) -> None:
            super().__init__()
            self.lesson = lesson

    BINDINGS = [Binding("l", "learn", show=False)]

    def __init__(self, *rest: object) -> None:
        super().__init__(*rest)  # type: ignore[arg-type]
        self.beginning = Beginning()
        self._loaded: Loaded | None = None
        self._probe: Worker[None] | None = None
        self._since = 0.0
        self._patience: Patience | None = None
        self._target: Target | None = None
        self._lost = ""

    # --- what was answered

    @property
    def begin(self) -> str:
        """What was chosen."""
        return self.beginning.chosen(self.scene)

    def extras(self) -> "Iterable[Widget]":
        """Nothing more; but what may be wanted, tokens or the next lesson, is looked for once the page is there."""
        if self.begin == KONNECT:
            self.set_timer(_IDLE, self._look)
        if self.scene.training or self.scene.untouched:
            self.set_timer(_UNHURRIED, self._find_lesson)
        return ()

    def show(self, draft: Draft) -> None:
        """Show the draft, and what was answered here and is in none."""
        self.draft = draft
        shown = (
            replace(each, get=lambda draft: self.begin) if each.key == "start" else each
            for each in fields(self.beginning, draft, self.scene)
        )
        self.form.show(tuple(shown), draft)

    def answered(self, key: str, value: Value) -> None:
        """Remember the answer; move to another workspace at once, so that its bundles are offered."""
        before = self.beginning
        if key == "start":
            self.beginning = replace(
                before, begin=str(value), connecting=replace(before.connecting, resuming=False, note="")
            )
            if value == KONNECT and before.connecting.offered is None:
                self._look()
        elif key == "workspace":
            self.konnect.move_to(os.path.expanduser(str(value)))
            self.scene = self.konnect.scene
            self.show(self.draft)
        elif key == TOKEN:
            from konnect_tui.secret import Secret

            self.konnect.secrets[TOKEN] = Secret(str(value or "").encode("utf-8", "surrogateescape"))
        else:
            self.beginning = replace(before, connecting=before.connecting.answer(key, value))
        if self.beginning != before:
            self.show(self.draft)

    # --- the tokens there are

    @work(thread=True, exclusive=True, group="tokens")
    def _look(self) -> None:
        from konnect_tui.konnect.wire import load
        from konnect_tui.ui.session import offered

        found, fault = offered(self.konnect.outside)
        self.post_message(self.Offered(found, fault))
        load()

    @on(Offered)
    def _take_offered(self, event: Offered) -> None:
        event.stop()
        self._found(event.state, event.fault)

    def _found(self, state: Connecting, fault: str) -> None:
        now = self.beginning.connecting
        self.beginning = replace(self.beginning, connecting=replace(now, offered=state.offered, api=state.api))
        self.show(self.draft)
        if fault:
            self.konnect.refuse(fault)

    # --- lessons

    @work(thread=True, exclusive=True, group="lessons")
    def _find_lesson(self) -> None:
        from konnect_tui.ui.lessons.classroom import Classroom

        self.post_message(self.NextLesson(Classroom(self.konnect).next))

    @on(NextLesson)
    def _name_lesson(self, event: NextLesson) -> None:
        event.stop()
        self.beginning = replace(self.beginning, lesson=event.lesson)
        self.show(self.draft)

    def action_learn(self) -> None:
        """To the next lesson, by one key."""
        self._learn(at_once=True)

    def _learn(self, *, at_once: bool) -> None:
        from konnect_tui.ui.lessons.listing import LessonsScreen

        def closed(_: None) -> None:
            if self.beginning.lesson:
                self._find_lesson()

        self.app.push_screen(LessonsScreen(at_once=at_once), closed)

    # --- leaving the page

    async def leave(self) -> bool:
        """Begin with what was chosen. A draft goes on where something is still open."""
        if self.probing:
            return False
        if self.begin in (LOOK, LESSON, LESSONS):
            self._open()
            return False
        if self.begin == NEW:
            self.konnect.change(begun(self.konnect.draft, NEW))
            return True
        if self.begin not in (KONNECT, TRAINING) and not self._read():
            return False
        if self._about_training:
            if self._connected_in_training and self.begin == TRAINING:
                return await self.proceed()
            self._probe = self._connect()
            return False
        if not self._wants_connection():
            return await self.proceed()
        if self._token_given():
            self._probe = self._connect()
        return False

    def _open(self) -> None:
        """What stands over the page and is no step."""
        if self.begin == LOOK:
            self.konnect.explore()
        else:
            self._learn(at_once=self.begin == LESSON)

    def _wants_connection(self) -> bool:
        """Whether Konnect has to be asked first; then the page asks how, from now on."""
        if self.begin != KONNECT and (self._loaded is None or self._loaded.draft.control_plane.source != "konnect"):
            return False
        state = self.beginning.connecting
        if state.offered is None:
            from konnect_tui.ui.session import offered

            self._found(*offered(self.konnect.outside))
        if self.begin != KONNECT and not state.resuming:
            self.beginning = replace(self.beginning, connecting=replace(self.beginning.connecting, resuming=True))
            self.show(self.draft)
        taken = self.beginning.connecting.taken(self.scene)
        return taken != WITHOUT and (self.begin != KONNECT or taken != CONNECTED)

    @property
    def _about_training(self) -> bool:
        """Whether it is the embedded organisation that is gone on with."""
        if self.begin == TRAINING:
            return True
        return self.begin != KONNECT and self._loaded is not None and self._loaded.draft.control_plane.training

    @property
    def _connected_in_training(self) -> bool:
        return self.konnect.session is not None and self.konnect.session.training

    def _token_given(self) -> bool:
        secret, state = self.konnect.secrets.get(TOKEN), self.beginning.connecting
        if state.taken(self.scene) != TYPED or (secret and secret.reveal().strip()):
            return True
        instead = " Or go up a line and choose none, to look without a connection." if state.resuming else ""
        self.konnect.refuse(f"Konnect wants an access token: paste it here.{instead}")
        self.form.focus_field(TOKEN)
        return False

    async def proceed(self) -> bool:
        """To what was chosen, connected or not. What stood here before is kept first, as when leaving."""
        konnect = self.konnect
        if self.begin in (KONNECT, TRAINING):
            konnect.change(begun(konnect.draft, self.begin))
            return True
        loaded = self._loaded
        if loaded is None:
            return False
        name, text, draft = loaded.name, loaded.text, loaded.draft
        bundle = self.begin.startswith(BUNDLE)
        if konnect.draft != draft:
            konnect.farewell.keep(konnect.services, konnect.draft)
        konnect.farewell.begun_with("" if bundle else name, text)
        waiting = bundle and waits(konnect.services.root, name)
        if self._lost:
            await konnect.resume(draft, "control_plane", told=self._lost)
        else:
            await konnect.resume(draft, *(("certificates", SIGNED) if waiting else ()), target=self._target)
        return False

    # --- Konnect

    @work(exclusive=True, group="probe")
    async def _connect(self) -> None:
        from konnect_tui.ui.session import Patience

        self._since, self._patience = time.monotonic(), Patience()
        ticking = self.set_interval(_TICK, self.konnect.described)
        self.konnect.described()
        try:
            told = await self._reach()
            await self._locate()
        except KonnectError as fault:
            self._probe = None
            self.konnect.described()
            refused = fault.code == "token-refused" and not self._about_training
            self.konnect.refuse(f"{fault.message} {_ANOTHER if refused else fault.hint}")
            if not self._about_training:
                self.form.focus_field(TOKEN)
            return
        finally:
            ticking.stop()
        self._probe = None
        if told:
            self.konnect.notify(told, markup=False)
        self.post_message(Ready(self))

    async def _reach(self) -> str:
        """Connect, unless the connection that stands is meant; what is to be said about the token."""
        from konnect_tui.live.clock import off
        from konnect_tui.live.organization import inactive
        from konnect_tui.ui.session import Patience, connect

        state, konnect = self.beginning.connecting, self.konnect
        if self._about_training:
            await self._train()
            return ""
        if state.taken(self.scene) == CONNECTED:
            return ""
        patience = self._patience or Patience()
        session, told = await connect(konnect.outside, state, self.scene, konnect.secrets.get(TOKEN), patience)
        konnect.secrets.pop(TOKEN, None)
        await konnect.connect(session)
        odd = off(session.client.skew) + inactive(session.organization)
        return "\n".join(filter(None, (told, *(f"{problem.message} {problem.hint}" for problem in odd))))

    async def _train(self) -> None:
        try:
            await self.konnect.train()
        except KonnectError as fault:
            from konnect_tui.ui.training import moving

            if fault.code != "port-in-use" or not await self.app.push_screen_wait(moving(fault)):
                raise
            self.konnect.organisation.listener = 0
            await self.konnect.train()

    async def _locate(self) -> None:
        """Find the control plane of what is gone on with. Where it isn't there any more, that is told later."""
        from konnect_tui.live.locate import locate

        session = self.konnect.session
        self._target, self._lost = None, ""
        if self.begin in (KONNECT, TRAINING) or self._loaded is None or session is None:
            return
        try:
            self._target = await locate(session.client, self._loaded.draft.control_plane)
        except KonnectError as fault:
            if fault.code != "invalid-input":
                raise
            self._lost = fault.message

    @property
    def probing(self) -> bool:
        """Whether Konnect is being asked."""
        return self._probe is not None and not self._probe.is_finished

    @property
    def explanation(self) -> str:
        """What is going on, else about the field."""
        if not self.probing:
            return super().explanation
        seconds = time.monotonic() - self._since
        sign = _TURNING[int(seconds / _TICK) % len(_TURNING)]
        asked = "Starting your training organisation" if self._about_training else "Asking Konnect whose token this is"
        waits, keyring = (self._patience.told, self._patience.keyring) if self._patience else ("", "")
        return f"{sign} {keyring or asked} … {seconds:.0f} s. {waits or 'Esc stops it.'}"

    @property
    def onward(self) -> str:
        """What Enter does here."""
        return "" if self.probing else "Connect" if self.beginning.connects(self.scene) else "Next"

    def keys(self) -> list[tuple[str, str, str]]:
        """While Konnect is asked, it can be stopped. Whoever is here to learn is one key away from a lesson."""
        if self.probing:
            return [("Esc", "Stop", "screen.back")]
        return [("l", "Lesson", "page.learn")] if self.scene.training or self.scene.untouched else []

    async def back(self) -> bool:
        """Stop asking."""
        if self._probe is not None:
            self._probe.cancel()
            self._probe = None
            self.konnect.described()
            self.konnect.refuse("Stopped: Konnect was not waited for any longer.")
        return False

    # --- what was made before

    def _read(self) -> bool:
        """Load what was chosen; whether that could be done."""
        from konnect_tui.ui.resuming import load

        try:
            self._loaded = load(self.konnect.services, self.begin, training_only=self.konnect.training_only)
        except (KonnectError, OSError) as fault:
            self.konnect.refuse(fault.message if isinstance(fault, KonnectError) else "It can't be read any more.")
            return False
        return True


VIEW = StartStep
