"""Work shared with a second process comes back whole, in order, and leaves no process behind."""

import os
import threading

import pytest

from konnect_tui.pki.making import halves
from konnect_tui.pki.making.halves import FEW, in_halves

NAMES = [f"node-{number}" for number in range(3 * FEW)]


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that gains by it; a thread that another test left in this process does not count."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(threading, "active_count", lambda: 1)


def _made(name: str) -> halves.Made:
    return name.encode(), str(os.getpid()).encode()


def _no_child_left() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def test_all_comes_back_in_order() -> None:
    """Every name has what was made for it, one half of it by another process."""
    found = list(in_halves(NAMES, _made))
    assert [name for name, _ in found] == NAMES
    assert all(made[0] == name.encode() for name, made in found)
    assert len({made[1] for _, made in found}) == 2
    assert _no_child_left()


def test_few_are_made_here() -> None:
    """A handful is not worth a second process."""
    assert {made[1] for _, made in in_halves(NAMES[: FEW - 1], _made)} == {str(os.getpid()).encode()}


def test_what_the_other_process_fails_at_is_made_here() -> None:
    """If the second process dies, its half is made by the first."""
    here = os.getpid()

    def fragile(name: str) -> halves.Made:
        if os.getpid() != here:
            raise MemoryError
        return _made(name)

    assert {made[1] for _, made in in_halves(NAMES, fragile)} == {str(here).encode()}
    assert _no_child_left()


def test_a_fault_here_ends_the_other_process() -> None:
    """When the work is given up, the second process goes with it."""
    here = os.getpid()

    def failing(name: str) -> halves.Made:
        if os.getpid() == here and name == NAMES[5]:
            raise KeyboardInterrupt
        return _made(name)

    with pytest.raises(KeyboardInterrupt):
        list(in_halves(NAMES, failing))
    assert _no_child_left()


def test_what_is_not_wanted_to_the_end_ends_too() -> None:
    """A reader that stops half way leaves no process behind."""
    some = in_halves(NAMES, _made)
    next(some)
    some.close()
    assert _no_child_left()
