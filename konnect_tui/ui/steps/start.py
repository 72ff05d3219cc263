"""The page of `flow.start`: begin anew, go on with a draft, or open a bundle."""

import os

from msgspec.structs import replace

from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError
from konnect_tui.flow.sources.requested import SIGNED
from konnect_tui.flow.start import BUNDLE, DRAFT, LOOK, NEW
from konnect_tui.flow.step import Value
from konnect_tui.ui.scene import waits
from konnect_tui.ui.steps import StepView


class StartStep(StepView):
    """Loads what is gone on with when the page is left."""

    begin = NEW

    def show(self, draft: Draft) -> None:
        """Show the draft; what was chosen here is in none, and stays chosen."""
        self.draft = draft
        fields = self.step.fields(draft, self.scene)
        self.form.show(tuple(replace(each, get=self._begun) if each.key == "start" else each for each in fields), draft)

    def _begun(self, draft: Draft) -> Value:
        return self.begin

    def answered(self, key: str, value: Value) -> None:
        """Remember the choice; move to another workspace at once, so that its bundles are offered."""
        if key == "start":
            self.begin = str(value)
        elif key == "workspace":
            self.konnect.move_to(os.path.expanduser(str(value)))
            self.scene = self.konnect.scene
            self.show(self.draft)

    async def leave(self) -> bool:
        """Begin with what was chosen. A draft goes on where something is still open."""
        if self.begin == NEW:
            return True
        if self.begin == LOOK:
            self.konnect.explore()
            return False
        try:
            draft = self._load()
        except (KonnectError, OSError) as fault:
            self.konnect.refuse(fault.message if isinstance(fault, KonnectError) else "It can't be read any more.")
            return False
        waiting = self.begin.startswith(BUNDLE) and waits(self.konnect.services.root, self.begin.removeprefix(BUNDLE))
        await self.konnect.resume(draft, *(("certificates", SIGNED) if waiting else ()))
        return False

    def _load(self) -> Draft:
        """What was chosen. What stood here before is kept first, as when leaving."""
        from konnect_tui.answers import loads, read_file

        services = self.konnect.services
        if self.begin.startswith(BUNDLE):
            name, text = self.begin.removeprefix(BUNDLE), ""
            answers = read_file(os.path.join(services.root, name, "konnect-tui.toml"))
        else:
            name = self.begin.removeprefix(DRAFT)
            saved = next((saved for saved in services.drafts.list() if saved.name == name), None)
            if saved is None:
                raise KonnectError("not-found", f"The draft {name} is gone.")
            answers, text = loads(saved.text, name=f"The draft {name}"), saved.text
        wrong = [problem for problem in answers.problems if problem.severity == "error"]
        if wrong:
            raise KonnectError("invalid-input", wrong[0].message, problems=tuple(wrong))
        farewell = self.konnect.farewell
        if self.konnect.draft != answers.draft:
            farewell.keep(services, self.konnect.draft)
        farewell.begun_with("" if self.begin.startswith(BUNDLE) else name, text)
        return answers.draft


VIEW = StartStep
