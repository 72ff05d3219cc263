"""Where lessons come from: those that are shipped, and those of a trainer's folder."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files as resources
from typing import Any, Final

import msgspec
from msgspec import Struct

from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.training.lessons import files
from konnect_tui.training.lessons.decoding import decode
from konnect_tui.training.lessons.lesson import Lesson
from konnect_tui.training.lessons.soundness import unsound
from konnect_tui.training.lessons.texts import ENGLISH, Entry, Text, missing_words, translated

SHIPPED: Final = ""
"""The source of a lesson that came with the product."""
GLOSSARY: Final = "glossary"


class Shelved(Struct, frozen=True):
    """A lesson with its words. `source` is the trainer's folder it is from, empty if it was shipped.

    `digest` is the SHA-256 of its file: its words may be put right while somebody is at it, the rest may not.
    """

    lesson: Lesson
    text: Text
    folder: str
    source: str = SHIPPED
    digest: str = ""

    @property
    def origin(self) -> str:
        """To be shown wherever the lesson is: where it is from, if it was not shipped."""
        return f"from folder {self.source}, not shipped" if self.source else ""


class Opened(Struct, frozen=True):
    """A lesson's folder as read: the lesson, or what is wrong with it."""

    shelved: Shelved | None
    problems: tuple[Problem, ...]

    def of(self, folder: str) -> tuple[Problem, ...]:
        """What is wrong, with the folder named: that of one lesson among many."""
        name = os.path.basename(folder)
        return tuple(_in(name, problem) for problem in self.problems)


def shipped_folder() -> str:
    """Where the lessons lie that came with the product."""
    return os.fspath(resources("konnect_tui.training.lessons").joinpath("shipped"))  # type: ignore[call-overload, no-any-return]  # a package on disk: a Path


def opened(folder: str, source: str = SHIPPED, language: str = ENGLISH, *, name: str = files.LESSON) -> Opened:
    """Read the lesson in this folder, and hold its words against it. `name` is the file that has its mechanics."""
    lesson, problems = _part(folder, name, Lesson)
    english, faults = _part(folder, f"text.{ENGLISH}.toml", Text)
    problems += faults
    if lesson is None or english is None:
        return Opened(None, problems)
    problems += tuple(unsound(lesson))
    problems += tuple(_words(lesson, english, f"text.{ENGLISH}.toml"))
    text = english
    try:
        languages = files.languages(folder)
    except KonnectError as fault:
        return Opened(None, (*problems, *fault.problems))
    for other in languages:
        if other != ENGLISH:
            spoken, faults = _translation(folder, other)
            problems += faults
            problems += tuple(_words(lesson, spoken, f"text.{other}.toml")) if spoken else ()
            text = spoken if spoken and other == language else text
    digest = sha256(files.content(folder, name)).hexdigest()
    return Opened(Shelved(lesson, text, folder, source, digest) if not problems else None, problems)


def shelf(folder: str | None = None, language: str = ENGLISH) -> tuple[Shelved, ...]:
    """All lessons by number: the shipped ones, and those of a trainer's folder.

    Raises KonnectError `invalid-input` with every fault of every lesson, `lesson-taken`, `not-readable`, and
    `no-such-lesson` where the folder has none.
    """
    found = {each: opened(each, SHIPPED, language) for each in files.lesson_folders(shipped_folder())}
    if folder is not None:
        source = os.path.abspath(folder)
        folders = files.lesson_folders(source)
        if not folders:
            hint = f"Each lesson has a folder of its own in it, with {files.LESSON}."
            raise KonnectError("no-such-lesson", f"There is no lesson in {source}.", hint=hint)
        found |= {each: opened(each, source, language) for each in folders}
    problems = tuple(problem for each, read in found.items() for problem in read.of(each))
    if problems:
        raise KonnectError("invalid-input", f"{len(problems)} faults in lessons.", problems=problems)
    lessons = sorted((each.shelved for each in found.values() if each.shelved), key=lambda each: each.lesson.number)
    for place, one in enumerate(lessons):
        if said := _taken(one, lessons[place + 1 :]):
            raise KonnectError("lesson-taken", said)
    return tuple(lessons)


def taken(shelved: Shelved) -> tuple[Problem, ...]:
    """Whether a shipped lesson, or one beside it in its folder, has its number or name already."""
    folders = (*files.lesson_folders(shipped_folder()), *files.lesson_folders(os.path.dirname(shelved.folder)))
    others = [opened(each).shelved for each in folders if not os.path.samefile(each, shelved.folder)]
    said = _taken(shelved, [each for each in others if each is not None])
    return (error("", "lesson-taken", said),) if said else ()


def _taken(shelved: Shelved, others: Iterable[Shelved]) -> str:
    lesson = shelved.lesson
    for other in others:
        if other.lesson.number == lesson.number:
            return f"{shelved.folder} and {other.folder} both are lesson {lesson.number}."
        if other.lesson.name == lesson.name:
            return f"{shelved.folder} and {other.folder} both are called {lesson.name}."
    return ""


@cache
def glossary(language: str = ENGLISH) -> Mapping[str, Entry]:
    """The terms that lessons explain, by their key."""
    folder = shipped_folder()
    spoken = files.table(folder, f"{GLOSSARY}.{ENGLISH}.toml")
    if os.path.exists(f"{folder}/{GLOSSARY}.{language}.toml"):
        spoken = translated(spoken, files.table(folder, f"{GLOSSARY}.{language}.toml"))
    return msgspec.convert(spoken, dict[str, Entry])


def _part(folder: str, name: str, kind: Any) -> tuple[Any, tuple[Problem, ...]]:
    try:
        value, problems = decode(files.table(folder, name), kind)
    except KonnectError as fault:
        return None, fault.problems
    return value, problems if kind is Lesson else tuple(_in(name, problem) for problem in problems)


def _translation(folder: str, language: str) -> tuple[Text | None, tuple[Problem, ...]]:
    name = f"text.{language}.toml"
    try:
        merged = translated(files.table(folder, f"text.{ENGLISH}.toml"), files.table(folder, name))
    except KonnectError as fault:
        return None, fault.problems
    text, problems = decode(merged, Text)
    return text, tuple(_in(name, problem) for problem in problems)


def _words(lesson: Lesson, text: Text, name: str) -> Iterator[Problem]:
    for key in missing_words(lesson, text):
        yield error(f"{name}: {key}", "lesson-words", f"`{key}` is missing in {name}, or nothing of the lesson has it.")
    for term in lesson.terms if name == f"text.{ENGLISH}.toml" else ():
        if term not in glossary():
            yield error("terms", "lesson-words", f"The glossary has no entry `{term}`.")


def _in(name: str, problem: Problem) -> Problem:
    """The problem with its place named: a file that is not that of the lesson itself, or a folder."""
    return msgspec.structs.replace(problem, field=f"{name}: {problem.field}" if problem.field else name)
