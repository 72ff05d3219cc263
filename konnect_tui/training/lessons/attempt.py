"""One learner at one lesson: begin, run, repair, check; each round of it. No screen in here."""

from collections.abc import Mapping

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons import checks, progress, staging
from konnect_tui.training.lessons.evidence import Evidence
from konnect_tui.training.lessons.hands import Hands
from konnect_tui.training.lessons.lesson import Step
from konnect_tui.training.lessons.looking import looked
from konnect_tui.training.lessons.notebook import Notebook
from konnect_tui.training.lessons.organisation import Placed
from konnect_tui.training.lessons.progress import Began, Cleared, Looked, Ran, Standing
from konnect_tui.training.lessons.running import Runner, truth
from konnect_tui.training.lessons.shelf import Shelved
from konnect_tui.training.lessons.soundness import foreign
from konnect_tui.training.lessons.stage import Begun
from konnect_tui.training.lessons.told import Brief, CheckResult, Compared, RunResult
from konnect_tui.training.lessons.world import World


class Attempt(Notebook):
    """The notebook of somebody who acts on the world. The methods raise KonnectError, also for what the world says."""

    def __init__(self, shelved: Shelved, world: World, evidence: Evidence) -> None:
        super().__init__(shelved, world.services, world.folder, evidence)
        self._world = world

    async def begin(self, jump: int | None = None) -> Brief:
        """Set up the next round; one that is begun is set up anew. `jump` is the number of a round to go to, from 1."""
        at, lesson = self.standing, self.shelved.lesson
        number = jump - 1 if jump is not None else at.round + 1 if at.step == "solved" else at.round
        if not 0 <= number < len(lesson.rounds):
            over = f"There is no round {number + 1} in lesson {lesson.number}; its last is {len(lesson.rounds)}."
            raise KonnectError("lesson-order", over, hint="`training reset` starts it over.")
        self._write(Cleared(self._at(), lesson.name, number))
        world = self._world
        begun = await staging.stage(lesson, number, world.services, self._folder, world.organisation, world.practice)
        self._write(Began(self._at(), lesson.name, number, self.shelved.digest, self.shelved.source, begun))
        return self.brief()

    async def run(self) -> RunResult:
        """Let the handshakes answer. It can be run again; what was predicted is compared with the first run."""
        at = self.standing
        self._require(at, "predicted", "ran", "solved")
        hands = self._hands(at)
        came = await self._runner(at, hands).run(self._round(at).run)
        self._require_running()
        log = tuple(line for each in came for line in each.log)
        shown = truth(self._round(at).predictions, came, hands) if at.step == "predicted" else dict(at.truth)
        shaken = tuple(progress.kept(each.shaken) for each in came if each.shaken is not None)
        self._write(Ran(self._at(), self.shelved.lesson.name, shown, shaken, log))
        return RunResult(log, _compared(at.answers, shown))

    async def do(self, step: Step) -> tuple[str, ...]:
        """Do one step of the repair; the log lines of whoever connected for it. Raises `invalid-input` for a stranger.

        For those who have no screen: the product's own commands do the same, and checks don't ask who did it.
        """
        at = self.standing
        self._require(at, "ran", "solved")
        problems = foreign(step, self._round(at).scene)
        if problems:
            raise KonnectError("invalid-input", problems[0].message, problems=problems)
        return await self._hands(at).do(step, self._world.organisation, self._world.practice)

    async def check(self) -> CheckResult:
        """Look at the record, the certificates held and the bundle; let the guests connect for it."""
        at = self.standing
        self._require(at, "ran", "solved")
        stage, hands = self._stage(at.round), self._hands(at)
        look = await looked(stage, _begun(at), hands, self._runner(at, hands), self._world)
        self._require_running()
        found = checks.outcomes(self._round(at), look)
        numbers = {number for each in found for number in each.handshakes}
        seen = (*look.shaken, *look.elsewhere)
        resting = tuple(progress.kept(each) for each in seen if each.number in numbers)
        entry = Looked(self._at(), self.shelved.lesson.name, found, resting)
        self._write(entry)
        return CheckResult(found)

    # --- its parts

    def _require_running(self) -> None:
        """Who found nobody there was not refused: that answers no prediction, and no check."""
        if not self._world.organisation.runs():
            raise KonnectError("training-ended", "The training organisation ended meanwhile: nothing was written down.")

    def _require_there(self, placed: Placed, at: Standing) -> None:
        if not self._world.organisation.has(placed):
            command = f"konnect-tui training lesson {self.shelved.lesson.number} --begin --round {at.round + 1}"
            hint = f"Set the round up again: j in the lesson, or `{command}`."
            why = "the training organisation was begun anew, or moved to another port"
            raise KonnectError("lesson-gone", f"The control plane {placed.name} is not where it was: {why}.", hint=hint)

    def _hands(self, at: Standing) -> Hands:
        self._require_same(at)
        begun = _begun(at)
        for each in begun.planes.values():
            self._require_there(each, at)
        return Hands(self._stage(at.round), begun.planes, begun.certificates, self._world.services)

    def _runner(self, at: Standing, hands: Hands) -> Runner:
        world = self._world
        return Runner(self._stage(at.round), _begun(at), hands, world.organisation, world.practice)


def _compared(answers: Mapping[str, str], shown: Mapping[str, str]) -> tuple[Compared, ...]:
    return tuple(Compared(key, answers.get(key, ""), value) for key, value in shown.items())


def _begun(at: Standing) -> Begun:
    if at.begun is None:
        raise KonnectError("lesson-order", "The lesson is not begun yet.")
    return at.begun
