"""The lesson file: read strictly, every mistake named, nothing outside its own folder reached."""

import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st
from lesson_play import LESSON, TEXT, written

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons import files, shelf
from konnect_tui.training.lessons.decoding import decode
from konnect_tui.training.lessons.lesson import Lesson
from konnect_tui.training.lessons.soundness import unsound
from konnect_tui.training.lessons.texts import Text

_PLAIN = st.one_of(st.booleans(), st.integers(-(2**40), 2**40), st.floats(allow_nan=False), st.text(max_size=12))
_KEYS = st.sampled_from([
    "schema", "number", "name", "minutes", "round", "scene", "run", "do", "who", "that", "asks", "bundle", "nodes",
    "certificate", "guest", "presents", "seed", "prediction", "check", "solution", "wrong", "steps", "choices",
])  # fmt: skip
_VALUES = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6), max_leaves=24
)

SET = {"do": "set", "node": "edge-1", "parameter": "cluster_control_plane", "to": "own"}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The lesson with another value at that place; None removes it."""
    lesson = deepcopy(LESSON)
    at: Any = lesson
    *above, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in above:
        at = at[part]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return lesson


def problems(lesson: dict[str, Any]) -> set[tuple[str, str]]:
    """Field and code of every fault."""
    found, faults = decode(lesson, Lesson)
    return {(each.field, each.code) for each in (*faults, *(unsound(found) if found else ()))}


def test_the_sample_is_sound() -> None:
    """A lesson in which everything fits together has no problems."""
    assert problems(LESSON) == set()


@pytest.mark.parametrize(
    ("path", "value", "field", "code"),
    [
        ("schema", 2, "schema", "unknown-value"),
        ("schema", True, "schema", "unknown-value"),
        ("number", 0, "number", "invalid-value"),
        ("number", "six", "number", "wrong-type"),
        ("name", "../../etc", "name", "invalid-value"),
        ("name", "ours\n", "name", "invalid-value"),
        ("colour", "red", "colour", "unknown-key"),
        ("minutes", None, "minutes", "missing-key"),
        ("round", [], "round", "invalid-value"),
        ("round.0.scene.auth_mode", "Pinned", "round[0].scene.auth_mode", "unknown-value"),
        ("round.0.scene.bundle.nodes", "edge-1", "round[0].scene.bundle.nodes", "wrong-type"),
        ("round.0.scene.bundle.chain", "/etc/x", "round[0].scene.bundle.chain", "unknown-key"),
        ("round.0.run.0.do", "shell", "round[0].run[0].do", "unknown-value"),
        ("round.0.run.0.do", None, "round[0].run[0].do", "missing-key"),
        ("round.0.run.0", {"do": "apply"}, "round[0].run[0].do", "lesson-unsound"),
        ("round.0.solution.0.certificate", "/etc/passwd", "round[0].solution[0].certificate", "invalid-value"),
        ("round.0.solution.0.certificate", "upload/../x.crt", "round[0].solution[0].certificate", "invalid-value"),
        ("round.0.solution.0.certificate", "upload/edge-9.crt", "round[0].solution[0].certificate", "lesson-unsound"),
        ("round.0.solution.1.who", ["edge-9"], "round[0].solution[1].who", "lesson-unsound"),
        ("round.0.prediction.0.who", ["passer-by"], "round[0].prediction[0].who", "lesson-unsound"),
        ("round.0.check.1", {"that": "accepted", "who": ["passer-by"]}, "round[0].check", "lesson-unsound"),
        ("round.0.check.0", {"that": "held-unchanged"}, "round[0].check", "lesson-unsound"),
        ("round.0.scene.guest.0.presents", [], "round[0].scene.guest[0]", "lesson-unsound"),
        ("round.0.scene.guest.0.name", "edge-1", "round[0].scene", "lesson-unsound"),
        ("round.0.scene.control_plane", [{"name": "own"}], "round[0].scene", "lesson-unsound"),
        ("round.0.scene.control_plane", [{"name": "one", "region": "us"}, {"name": "two", "region": "us"}],
         "round[0].scene.control_plane", "lesson-unsound"),
        ("round.0.scene.control_plane", [{"name": "2"}], "round[0].scene.control_plane[0].name", "invalid-value"),
        ("round.0.scene.control_plane", [{"name": "x", "host": "x.example"}],
         "round[0].scene.control_plane[0].host", "unknown-key"),
        ("round.0.solution.0.at", "elsewhere", "round[0].solution[0].at", "lesson-unsound"),
        ("round.0.solution.0", SET | {"to": "evil.example"}, "round[0].solution[0].to", "invalid-value"),
        ("round.0.solution.0", SET | {"to": "evil"}, "round[0].solution[0].to", "lesson-unsound"),
        ("round.0.solution.0", SET | {"node": "passer-by"}, "round[0].solution[0].node", "lesson-unsound"),
        ("round.0.solution.0", SET | {"parameter": "nginx_user"}, "round[0].solution[0].parameter", "unknown-value"),
        ("round.0.solution.0", SET | {"parameter": "cluster_mtls"}, "round[0].solution[0].to", "lesson-unsound"),
        ("round.0.solution.0", SET | {"place": "../../.profile"}, "round[0].solution[0].place", "unknown-value"),
        ("round.0.scene.certificate.0.ends", -2, "round[0].scene.certificate[0].ends", "lesson-unsound"),
        ("round.0.scene.certificate.0.issuer", "nobody", "round[0].scene.certificate[0].issuer", "lesson-unsound"),
    ],
)  # fmt: skip
def test_every_mistake_is_named(path: str, value: Any, field: str, code: str) -> None:
    """What is wrong in a lesson is named with its dotted key and a code."""
    assert (field, code) in problems(changed(path, value))


def test_all_mistakes_at_once() -> None:
    """A lesson with several mistakes is told all of them in one go, with what was probably meant."""
    lesson = changed("minuets", 5)
    lesson["round"][0]["run"][0]["do"] = "strat"
    lesson["number"] = "x"
    _, faults = decode(lesson, Lesson)
    assert {each.field for each in faults} >= {"minuets", "round[0].run[0].do", "number"}
    hints = {each.field: each.hint for each in faults}
    assert "minutes" in hints["minuets"]
    assert "start" in hints["round[0].run[0].do"]


@given(_VALUES, st.sampled_from(["schema", "round", "name", "round.0.scene", "round.0.check", "round.0.run.0"]))
@settings(deadline=None, max_examples=150)
def test_no_value_breaks_the_reader(value: Any, path: str) -> None:
    """Whatever stands where, the answer is a lesson or problems, never a fault of ours."""
    if value is None:
        return
    found, faults = decode(changed(path, value), Lesson)
    if found is not None:
        list(unsound(found))
    assert (found is None) == bool(faults)


@given(st.dictionaries(st.text(max_size=8), _VALUES, max_size=5))
@settings(deadline=None, max_examples=100)
def test_no_table_breaks_the_reader(table: dict[str, Any]) -> None:
    """A table that is no lesson at all gets problems."""
    assert decode(table, Lesson)[1]
    assert decode(table, Text)[1]


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=100)
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """A file of any bytes gets problems."""
    folder = tmp_path_factory.mktemp("lesson")
    written(folder)
    (folder / "lesson.toml").write_bytes(data)
    assert shelf.opened(str(folder)).problems


def test_links_lead_nowhere(tmp_path: Path) -> None:
    """A lesson's file that is a link is not read, wherever it points; nor is a folder that is one."""
    secret = tmp_path / "secret.toml"
    secret.write_text('title = "my secret"')
    folder = written(tmp_path / "shelf" / "ours")
    (folder / "text.en.toml").unlink()
    (folder / "text.en.toml").symlink_to(secret)
    found = shelf.opened(str(folder))
    assert {each.code for each in found.problems} == {"not-readable"}
    assert "my secret" not in str(found)
    (tmp_path / "shelf" / "linked").symlink_to(folder)
    with pytest.raises(KonnectError) as raised:
        shelf.shelf(str(tmp_path / "shelf"))
    assert all("linked" not in each.message for each in raised.value.problems)


@pytest.mark.parametrize("kind", ["huge", "pipe", "folder"])
def test_only_small_plain_files(tmp_path: Path, kind: str) -> None:
    """A huge file, a pipe or a folder in a lesson's place is refused at once."""
    folder = written(tmp_path / "ours")
    place = folder / "lesson.toml"
    place.unlink()
    if kind == "huge":
        place.write_bytes(b"#" * 300_000)
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.mkdir()
    assert {each.code for each in shelf.opened(str(folder)).problems} <= {"too-large", "not-a-file", "not-readable"}


def test_words_are_held_against_mechanics(tmp_path: Path) -> None:
    """A word that is missing, or one that belongs to nothing, is named with its key and file."""
    text = deepcopy(TEXT)
    text["round"][0]["parties"] = {"edge-1": "the node", "edge-2": "who?"}
    text["round"][0]["wrong"] = {}
    found = {each.field for each in shelf.opened(str(written(tmp_path / "ours", text=text))).problems}
    assert found == {
        "text.en.toml: round[0].parties.edge-2",
        "text.en.toml: round[0].parties.passer-by",
        "text.en.toml: round[0].wrong.again",
    }


def test_a_translation_falls_back_key_by_key(tmp_path: Path) -> None:
    """What a translation leaves out stays English; what it says too much is a problem."""
    folder = written(tmp_path / "shelf" / "ours")
    spoken = {"title": "Unsere", "round": [{"task": "Lass ihn rein.", "hints": ["Schau."]}]}
    (folder / "text.de.toml").write_text(tomli_w.dumps(spoken))
    text = shelf.opened(str(folder), language="de").shelved.text  # type: ignore[union-attr]
    assert (text.title, text.teaches) == ("Unsere", "What we teach.")
    assert (text.rounds[0].task, text.rounds[0].story) == ("Lass ihn rein.", "Once upon a time.")
    assert text.rounds[0].hints == ("Schau.", "Upload it.")
    assert shelf.opened(str(folder)).shelved.text.title == "Ours"  # type: ignore[union-attr]
    (folder / "text.de.toml").write_text('titel = "Unsere"')
    assert {each.field for each in shelf.opened(str(folder)).problems} == {"text.de.toml: titel"}


def test_a_trainers_lesson_says_where_it_is_from(tmp_path: Path) -> None:
    """A lesson that was not shipped names its folder; one that takes a shipped number or name is refused."""
    written(tmp_path / "shelf" / "ours")
    ours = next(each for each in shelf.shelf(str(tmp_path / "shelf")) if each.lesson.number == 500)
    assert ours.origin == f"from folder {tmp_path / 'shelf'}, not shipped"
    assert all(each.origin == "" for each in shelf.shelf())
    for key, value in (("number", 6), ("name", "wrong-upload")):
        written(tmp_path / "shelf" / "ours", changed(key, value))
        with pytest.raises(KonnectError) as raised:
            shelf.shelf(str(tmp_path / "shelf"))
        assert raised.value.code == "lesson-taken"


def test_a_folder_that_cannot_be_listed_is_a_fault_of_the_lesson(tmp_path: Path) -> None:
    """Not a crash: what the system says is told, as of any file of a lesson."""
    with pytest.raises(KonnectError) as raised:
        files.languages(str(tmp_path / "nowhere"))
    assert [each.code for each in raised.value.problems] == ["not-readable"]
