"""One learner at one lesson: begin, predict, run, repair, check; each round of it. No screen in here.

Everything that is promised to be locked or in order is held here and written to the evidence at once.
"""

from collections.abc import Mapping
from hashlib import sha256

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons import checks, files, progress, staging
from konnect_tui.training.lessons.evidence import Evidence
from konnect_tui.training.lessons.hands import Hands
from konnect_tui.training.lessons.lesson import Round, Step, asked, offered
from konnect_tui.training.lessons.looking import looked
from konnect_tui.training.lessons.progress import Began, Entry, Hinted, Looked, Predicted, Ran, Standing
from konnect_tui.training.lessons.running import Runner, truth
from konnect_tui.training.lessons.shelf import Shelved
from konnect_tui.training.lessons.stage import Begun, Stage
from konnect_tui.training.lessons.told import Brief, CheckResult, Compared, Debrief, RunResult, questions
from konnect_tui.training.lessons.world import World


class Attempt:
    """The methods raise KonnectError `lesson-order` where something is not its turn yet, and what the world says."""

    def __init__(self, shelved: Shelved, world: World, evidence: Evidence) -> None:
        self.shelved = shelved
        self._world = world
        self._evidence = evidence

    @property
    def standing(self) -> Standing:
        """How far it is."""
        return progress.standing(self._evidence.read().entries, self.shelved.lesson.name)

    def brief(self) -> Brief:
        """The words of the round that it stands at."""
        at, lesson, text = self.standing, self.shelved.lesson, self.shelved.text
        spoken, round_ = text.rounds[at.round], lesson.rounds[at.round]
        stage = self._stage(at.round)
        return Brief(
            number=lesson.number,
            name=lesson.name,
            title=text.title,
            origin=self.shelved.origin,
            round=at.round + 1,
            rounds=len(lesson.rounds),
            step=at.step,
            story=spoken.story,
            task=spoken.task,
            parties=spoken.parties,
            questions=questions(round_, spoken),
            bundle=stage.bundle,
            material=stage.material,
            control_plane=at.begun.placed.name if at.begun else stage.name,
        )

    async def begin(self) -> Brief:
        """Set up the next round, or the first of a lesson that is solved; one that is begun is set up anew."""
        at, lesson = self.standing, self.shelved.lesson
        number = at.round + 1 if at.step == "solved" else at.round
        if number >= len(lesson.rounds):
            raise KonnectError("lesson-order", f"Lesson {lesson.number} is solved; start it over to do it again.")
        world = self._world
        begun = await staging.stage(lesson, number, world.services, self._folder, world.organisation, world.practice)
        digest = sha256(files.content(self.shelved.folder, files.LESSON)).hexdigest()
        self._write(Began(self._at(), lesson.name, number, digest, self.shelved.source, begun))
        return self.brief()

    def predict(self, answers: Mapping[str, str]) -> None:
        """Write the prediction down; it can't be changed then. Raises `prediction-locked`, `lesson-prediction`."""
        at = self.standing
        if at.step in ("predicted", "ran", "solved"):
            raise KonnectError("prediction-locked", "This round's prediction was written down already.")
        self._require(at, "begun")
        possible = {key: offered(each) for each in self._round(at).predictions for key in asked(each)}
        for key in sorted(answers.keys() ^ possible.keys()):
            what = "is not answered" if key in possible else "is not asked"
            hint = f"Asked are: {', '.join(possible)}."
            raise KonnectError("lesson-prediction", f"{key} {what}.", hint=hint)
        for key, answer in answers.items():
            if answer not in possible[key]:
                hint = f"One of {', '.join(possible[key])}."
                raise KonnectError("lesson-prediction", f"{key} can't be {answer}.", hint=hint)
        self._write(Predicted(self._at(), self.shelved.lesson.name, dict(answers)))

    async def run(self) -> RunResult:
        """Let the handshakes answer. It can be run again; what was predicted is compared with the first run."""
        at = self.standing
        self._require(at, "predicted", "ran", "solved")
        hands = self._hands(at)
        came = await self._runner(at, hands).run(self._round(at).run)
        log = tuple(line for each in came for line in each.log)
        shown = truth(self._round(at).predictions, came, hands) if at.step == "predicted" else dict(at.truth)
        shaken = tuple(progress.kept(each.shaken) for each in came if each.shaken is not None)
        self._write(Ran(self._at(), self.shelved.lesson.name, shown, shaken, log))
        return RunResult(log, _compared(at.answers, shown))

    async def do(self, step: Step) -> tuple[str, ...]:
        """Do one step of the repair; the log lines of whoever connected for it."""
        at = self.standing
        self._require(at, "ran", "solved")
        return await self._hands(at).do(step, self._world.organisation, self._world.practice)

    def hint(self) -> str:
        """The next hint of this round; the last one again when there are no more."""
        at = self.standing
        self._require(at, "begun", "predicted", "ran")
        hints = self.shelved.text.rounds[at.round].hints
        if at.hints < len(hints):
            self._write(Hinted(self._at(), self.shelved.lesson.name))
        return hints[min(at.hints, len(hints) - 1)]

    async def check(self) -> CheckResult:
        """Look at the record, the certificates held and the bundle; let the guests connect for it."""
        at = self.standing
        self._require(at, "ran", "solved")
        stage, hands = self._stage(at.round), self._hands(at)
        look = await looked(stage, _begun(at), hands, self._runner(at, hands), self._world)
        found = checks.outcomes(self._round(at), look)
        numbers = {number for each in found for number in each.handshakes}
        resting = tuple(progress.kept(each) for each in look.shaken if each.number in numbers)
        entry = Looked(self._at(), self.shelved.lesson.name, found, resting)
        self._write(entry)
        return CheckResult(found)

    def debrief(self) -> Debrief:
        """What to take along, once the round is solved."""
        at = self.standing
        self._require(at, "solved")
        lesson, text = self.shelved.lesson, self.shelved.text
        return Debrief(text.debrief, at.log, tuple(text.rounds[at.round].wrong.values()), lesson.terms)

    # --- its parts

    @property
    def _folder(self) -> str:
        return f"{self._world.state}/lessons"

    def _stage(self, number: int) -> Stage:
        return Stage(self.shelved.lesson, number, self._world.services.root, self._folder)

    def _round(self, at: Standing) -> Round:
        return self.shelved.lesson.rounds[at.round]

    def _hands(self, at: Standing) -> Hands:
        begun = _begun(at)
        return Hands(self._stage(at.round), begun.placed, begun.certificates, self._world.services)

    def _runner(self, at: Standing, hands: Hands) -> Runner:
        world = self._world
        return Runner(self._stage(at.round), _begun(at), hands, world.organisation, world.practice)

    def _require(self, at: Standing, *steps: progress.Step) -> None:
        if at.step not in steps:
            lesson = self.shelved.lesson
            told = {"new": "not begun yet", "begun": "waiting for a prediction", "predicted": "waiting for its run"}
            said = told.get(at.step, at.step)
            raise KonnectError("lesson-order", f"Lesson {lesson.number}, round {at.round + 1}, is {said}.")

    def _write(self, entry: Entry) -> None:
        self._evidence.append(entry)

    def _at(self) -> float:
        return self._world.now().timestamp()


def _compared(answers: Mapping[str, str], shown: Mapping[str, str]) -> tuple[Compared, ...]:
    return tuple(Compared(key, answers.get(key, ""), value) for key, value in shown.items())


def _begun(at: Standing) -> Begun:
    if at.begun is None:
        raise KonnectError("lesson-order", "The lesson is not begun yet.")
    return at.begun
