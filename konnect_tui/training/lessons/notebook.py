"""The part of a lesson that needs no control plane: its words, the prediction, hints, the debrief.

Everything that is promised to be locked or in order is held here and written to the evidence at once.
"""

from collections.abc import Mapping

from konnect_tui.errors import KonnectError
from konnect_tui.services import Services
from konnect_tui.training.lessons import progress
from konnect_tui.training.lessons.evidence import Evidence
from konnect_tui.training.lessons.lesson import Round, asked, offered
from konnect_tui.training.lessons.progress import Entry, Hinted, Predicted, Standing
from konnect_tui.training.lessons.shelf import Shelved
from konnect_tui.training.lessons.stage import Stage
from konnect_tui.training.lessons.told import Brief, Debrief, questions


class Notebook:
    """One learner's notes on one lesson. `folder` is where lessons keep what they need.

    The methods raise KonnectError `lesson-order` where something is not its turn yet.
    """

    def __init__(self, shelved: Shelved, services: Services, folder: str, evidence: Evidence) -> None:
        self.shelved = shelved
        self._services = services
        self._folder = folder
        self._evidence = evidence

    @property
    def standing(self) -> Standing:
        """How far it is. Raises KonnectError `evidence-altered`, `training-evidence`."""
        return progress.standing(self._evidence.sound(), self.shelved.lesson.name)

    def brief(self) -> Brief:
        """The words of the round that it stands at. Raises KonnectError `lesson-changed`."""
        at, lesson, text = self.standing, self.shelved.lesson, self.shelved.text
        self._require_readable(at)
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
            control_plane_id=at.begun.placed.id if at.begun else "",
            region=round_.scene.region,
        )

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

    def hint(self) -> str:
        """The next hint of this round; the last one again when there are no more."""
        at = self.standing
        self._require(at, "begun", "predicted", "ran")
        hints = self.shelved.text.rounds[at.round].hints
        if at.hints < len(hints):
            self._write(Hinted(self._at(), self.shelved.lesson.name))
        return hints[min(at.hints, len(hints) - 1)]

    def debrief(self) -> Debrief:
        """What to take along, once the round is solved."""
        at = self.standing
        self._require(at, "solved")
        lesson, text = self.shelved.lesson, self.shelved.text
        return Debrief(text.debrief, at.log, tuple(text.rounds[at.round].wrong.values()), lesson.terms)

    # --- its parts

    def _stage(self, number: int) -> Stage:
        return Stage(self.shelved.lesson, number, self._services.root, self._folder)

    def _round(self, at: Standing) -> Round:
        return self.shelved.lesson.rounds[at.round]

    def _require_readable(self, at: Standing) -> None:
        """A round that was solved can be looked at whatever has become of the lesson, if it still has that round."""
        if at.step != "solved" or at.round >= len(self.shelved.lesson.rounds):
            self._require_same(at)

    def _require_same(self, at: Standing) -> None:
        """What was begun with another version of the lesson can't be gone on with: its scene is another one."""
        changed = at.digest != self.shelved.digest or at.round >= len(self.shelved.lesson.rounds)
        if at.step != "new" and changed:
            number = self.shelved.lesson.number
            hint = f"Start it over: r in the list of lessons, or `konnect-tui training reset --lesson {number}`."
            raise KonnectError("lesson-changed", f"Lesson {number} was changed since it was begun.", hint=hint)

    def _require(self, at: Standing, *steps: progress.Step) -> None:
        self._require_readable(at)
        if at.step not in steps:
            lesson = self.shelved.lesson
            said = {
                "new": "not begun yet",
                "begun": "waiting for a prediction",
                "predicted": "waiting for its run",
                "ran": "not solved yet",
                "solved": "solved already",
            }[at.step]
            raise KonnectError("lesson-order", f"Lesson {lesson.number}, round {at.round + 1}, is {said}.")

    def _write(self, entry: Entry) -> None:
        self._evidence.append(entry)

    def _at(self) -> float:
        return self._services.now().timestamp()
