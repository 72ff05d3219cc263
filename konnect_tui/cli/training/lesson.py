"""`konnect-tui training lesson`: the lessons, and one of them without a screen: begin, predict, run, repair, check."""

import os
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import to_builtins

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.talk import Talk
from konnect_tui.cli.training import spoken
from konnect_tui.cli.training.taught import course, on_organisation
from konnect_tui.errors import KonnectError
from konnect_tui.services import Services
from konnect_tui.training import running
from konnect_tui.training.lessons.course import Course
from konnect_tui.training.lessons.notebook import Notebook
from konnect_tui.training.lessons.organisation import Organisation
from konnect_tui.training.lessons.shelf import Shelved, glossary
from konnect_tui.training.lessons.stepping import step
from konnect_tui.training.lessons.told import Brief

if TYPE_CHECKING:
    from konnect_tui.training.lessons.attempt import Attempt

_ONE: Final = ("begin", "predict", "run", "hint", "do", "check", "debrief", "handout", "notes")
"""What is asked of one lesson."""

_SERVE: Final = "practice nodes can connect while `konnect-tui training serve` runs, in another terminal"


def run(options: Namespace) -> Answer:
    """Without a lesson the list; with one its text, or the one thing that was asked for."""
    _require_whole(options)
    services, lessons = course(options)
    if options.lesson is None:
        return _list(lessons)
    if options.handout or options.notes:
        return _paper(lessons.find(options.lesson), options)
    if not (options.begin or options.run or options.do or options.check):
        return _noted(lessons.notebook(options.lesson), options)
    steps = [step(each) for each in options.do or ()]

    async def act(organisation: Organisation) -> Answer:
        from konnect_tui.training.lessons.connecting import Connecting

        attempt = lessons.attempt(options.lesson, organisation, Connecting())
        if options.begin:
            return _brief(await attempt.begin(options.round), attempt.shelved, *_passing(services))
        if options.run:
            return await _run(attempt)
        if options.check:
            return await _check(attempt)
        log = [line for each in steps for line in await attempt.do(each)]
        return Answer({"log": log}, stdout=spoken.block(log))

    return on_organisation(services, act, talk=Talk(wanted=not options.json), what=f"lesson {options.lesson}")


def _require_whole(options: Namespace) -> None:
    """What would have no effect is refused. Raises KonnectError `usage`."""
    if options.round is not None and not options.begin:
        raise KonnectError("usage", "--round goes with --begin.", hint="It says which round to set up.")
    if options.lesson is None:
        for name in _ONE:
            if getattr(options, name):
                message = f"--{name} wants a lesson."
                raise KonnectError("usage", message, hint=f"For instance `konnect-tui training lesson 1 --{name}`.")


def _list(lessons: Course) -> Answer:
    listed = lessons.listed()
    return Answer({"lessons": listed}, stdout=spoken.shelf(listed))


def _paper(shelved: Shelved, options: Namespace) -> Answer:
    from konnect_tui.training.lessons import handout

    text = handout.notes(shelved) if options.notes else handout.handout(shelved, glossary(options.language))
    return Answer({"markdown": text}, stdout=text)


def _noted(notebook: Notebook, options: Namespace) -> Answer:
    if options.predict:
        notebook.predict(_pairs(options.predict))
        return Answer({"locked": True}, talk=("written down; now --run lets the handshakes answer",))
    if options.hint:
        hint = notebook.hint()
        return Answer({"hint": hint}, stdout=spoken.block((hint,)))
    if options.debrief:
        told = notebook.debrief()
        return Answer({"debrief": told}, stdout=spoken.debrief(told, glossary(options.language)))
    return _brief(notebook.brief(), notebook.shelved)


def _brief(brief: Brief, shelved: Shelved, *more: str) -> Answer:
    return Answer({"brief": brief}, stdout=spoken.brief(brief), talk=(*spoken.origin(shelved), *more))


def _passing(services: Services) -> tuple[str, ...]:
    """What it takes for nodes to stay connected, where the organisation runs for this command only."""
    found = running.find(services.training)
    return (_SERVE,) if found is not None and found.pid == os.getpid() else ()


def _pairs(written: Sequence[str]) -> dict[str, str]:
    """What was predicted. It is locked then, so that nothing of it may be meant otherwise."""
    found: dict[str, str] = {}
    for key, value in map(_pair, written):
        if key in found:
            raise KonnectError("usage", f"{key!r} is predicted twice.", hint="Give each question one answer.")
        found[key] = value
    return found


def _pair(written: str) -> tuple[str, str]:
    key, sign, value = written.partition("=")
    if not sign:
        raise KonnectError(
            "usage", f"{written!r} is no prediction.", hint="Write KEY=ANSWER; the lesson's text has both."
        )
    return key, value


async def _run(attempt: "Attempt") -> Answer:
    result = await attempt.run()
    compared = [to_builtins(each) | {"right": each.right} for each in result.compared]
    return Answer(
        {"log": result.log, "compared": compared}, stdout=spoken.ran(result), talk=spoken.origin(attempt.shelved)
    )


async def _check(attempt: "Attempt") -> Answer:
    result = await attempt.check()
    error = None
    if not result.solved:
        left = sum(not each.ok for each in result.outcomes)
        error = KonnectError("not-solved", f"{left} of {len(result.outcomes)} checks are not met yet.")
    data = {"solved": result.solved, "checks": result.outcomes}
    brief = attempt.brief()
    stdout = spoken.checked(result, last=brief.round >= brief.rounds)
    return Answer(data, stdout=stdout, talk=spoken.origin(attempt.shelved), error=error)
