"""Paths as people give them."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.draft import Draft
from konnect_tui.flow.paths import files, homely, line, one_file, several, shown, typed, written

NAMES = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=("Cs",)), min_size=1, max_size=20
).filter(lambda name: name not in (".", ".."))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, which is also where one stands."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "text",
    ["~/a b.pem", "a b.pem", "'{}/a b.pem'", '"{}/a b.pem"', "{}/a\\ b.pem", "file://{}/a%20b.pem", " {}/a b.pem \n"],
)
def test_a_path_is_understood_however_it_is_given(text: str, home: Path) -> None:
    """Typed with ~, relative, dropped by a terminal with quotes or backslashes, or copied as a URL: it is the same."""
    assert typed(text.format(home)) == f"{home}/a b.pem"


def test_nothing_typed_is_no_path() -> None:
    """Blanks are no answer."""
    assert typed("  ") == ""
    assert several("  ") == ()


@given(NAMES)
def test_any_name_comes_back_as_it_was(name: str) -> None:
    """Whatever a file is called, the line it is shown as names the same file."""
    path = os.path.abspath(os.path.expanduser(f"~/{name}"))
    assert typed(line(path)) == path
    assert several(f"{written(path)} {written(path)}x")[0] == path


def test_home_is_written_as_people_write_it(home: Path) -> None:
    """Paths below the home folder begin with ~."""
    assert shown(f"{home}/certs/a.pem") == "~/certs/a.pem"
    assert shown("/etc/ssl/a.pem") == "/etc/ssl/a.pem"


def test_the_draft_gets_absolute_paths(home: Path) -> None:
    """What is typed with ~ stands in the draft as an absolute path, so that it means the same everywhere."""
    one = one_file("certificate.certificate", "", "certificate", help="")
    many = files("certificate.signed", "", "certificate", help="")
    assert one.put(Draft(), "~/a.pem").certificate.certificate == f"{home}/a.pem"
    draft = many.put(Draft(), "~/a.pem '~/b c.pem' ~/a.pem")
    assert draft.certificate.signed == (f"{home}/a.pem", f"{home}/b c.pem")
    assert many.put(Draft(), many.get(draft)) == draft


def test_sentences_name_paths_as_people_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path from the home folder begins with ~ in a sentence, too; one that only looks like it stays."""
    monkeypatch.setenv("HOME", "/root")
    assert homely("There is no file /root/a.pem, nor “/root/b”.") == "There is no file ~/a.pem, nor “~/b”."
    assert homely("/root/a.pem: /mnt/root/a.pem and /rooted/a.pem") == "~/a.pem: /mnt/root/a.pem and /rooted/a.pem"
    monkeypatch.setenv("HOME", "/")
    assert homely("https://host and /etc") == "https://host and /etc"
