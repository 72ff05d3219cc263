"""`docs/lessons.md` tells a trainer everything there is, and its example works."""

import asyncio
import re
from pathlib import Path

import msgspec
from lesson_play import now

from konnect_tui.services import Services
from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons import shelf, trial

PAGE = (Path(__file__).parents[3] / "docs/lessons.md").read_text()


def test_the_example_is_proven(tmp_path: Path) -> None:
    """The lesson on the page is sound, and its solution solves it."""
    mechanics, spoken = re.findall(r"```toml\n(.+?)```", PAGE, re.DOTALL)
    folder = tmp_path / "20-shared-key"
    folder.mkdir()
    (folder / "lesson.toml").write_text(mechanics)
    (folder / "text.en.toml").write_text(spoken)
    found = shelf.opened(str(folder))
    assert found.problems == ()
    assert found.shelved is not None
    services = Services(str(tmp_path / "dp"), environ={}, now=now)
    assert asyncio.run(trial.proven(found.shelved, services)) == ()


def test_every_word_is_on_the_page() -> None:
    """Every step, question and check is there, with each of its keys; so is every key of a scene."""
    structs = [words.Bundle, words.Made, words.Guest, words.Other, words.Scene]
    for union in (words.Step, words.Prediction, words.Check):
        for each in union.__args__:
            assert f"`{each.__struct_config__.tag}`" in PAGE
            structs.append(each)
    keys = {field.encode_name for struct in structs for field in msgspec.structs.fields(struct)}
    assert {key for key in keys if not re.search(rf"`[^`]*\b{key}\b[^`]*`", PAGE)} == set()
