"""Golden drawings: `tests/golden/chains/*.txt` is what people read. Record with KONNECT_TUI_RECORD_GOLDEN=1."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from certificate_forge import forge
from certificate_maker import DAY, Made

from konnect_tui.pki.drawing import chain
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.secret import Secret
from konnect_tui.words import cells

_GOLDEN = Path(__file__).parents[2] / "golden" / "chains"
_NOW = datetime(2027, 1, 1, tzinfo=UTC)
_DATES: dict[str, Any] = {"begins": _NOW - 100 * DAY, "ends": _NOW + 3000 * DAY}


class _Scene(NamedTuple):
    uploaded: Sequence[Made]
    presented: Sequence[Made]
    known: Sequence[Made] = ()
    mode: Mode = "pki"
    key: Secret | None = None


def _ca(name: str, issuer: Made | None = None, **form: Any) -> Made:
    return forge(name, issuer, **{"ca": True, **_DATES, **form})


def _leaf(name: str, issuer: Made | None = None, **form: Any) -> Made:
    return forge(name, issuer, **{**_DATES, "ends": _NOW + 365 * DAY, **form})


class _Seed(NamedTuple):
    root: Made
    intermediary: Made
    service: Made


def _seed() -> _Seed:
    """Kong's own example: cert3, cert2, cert1."""
    root = _ca("Root")
    intermediary = _ca("Intermediary", root)
    return _Seed(root, intermediary, _leaf("Service", intermediary))


def _upload_cert1() -> _Scene:
    cert3, cert2, cert1 = _seed()
    return _Scene([cert1], [cert1], [cert2, cert3], "pinned", cert1.secret)


def _upload_cert2() -> _Scene:
    cert3, cert2, cert1 = _seed()
    return _Scene([cert2], [cert1], [cert3], key=cert1.secret)


def _upload_cert3() -> _Scene:
    cert3, cert2, cert1 = _seed()
    return _Scene([cert3], [cert1, cert2], key=cert1.secret)


def _upload_cert3_leaf_alone() -> _Scene:
    cert3, cert2, cert1 = _seed()
    return _Scene([cert3], [cert1], [cert2], key=cert1.secret)


def _missing_and_nowhere() -> _Scene:
    cert3, _, cert1 = _seed()
    return _Scene([cert3], [cert1], key=cert1.secret)


def _missing_in_the_middle() -> _Scene:
    root = _ca("Acme Root")
    upper = _ca("Acme Intermediate 1", root)
    lower = _ca("Acme Intermediate 2", upper)
    return _Scene([root], [_leaf("edge-1", lower), lower])


def _wrong_root() -> _Scene:
    root = _ca("Acme Root")
    middle = _ca("Acme Issuing", root)
    return _Scene([_ca("Other Root")], [_leaf("edge-1", middle), middle], [root])


def _wrong_root_own_nowhere() -> _Scene:
    middle = _ca("Acme Issuing", _ca("Acme Root"))
    return _Scene([_ca("Other Root")], [_leaf("edge-1", middle), middle])


def _crossed() -> _Scene:
    root, other = _ca("Acme Root"), _ca("Beta Root")
    right = _ca("Acme Issuing", root)
    cross = _ca("Acme Issuing", other, own=right.key)
    return _Scene([root], [_leaf("edge-1", right), cross, right])


def _namesakes() -> _Scene:
    form = {"identifiers": False}
    wrong, right = _ca("Root CA", serial=0xA1, **form), _ca("Root CA", serial=0xB2, **form)
    return _Scene([wrong, right], [_leaf("edge-1", right, **form)])


def _expired_intermediate() -> _Scene:
    root = _ca("Acme Root")
    middle = _ca("Acme Issuing", root, ends=_NOW - DAY)
    return _Scene([root], [_leaf("edge-1", middle), middle])


def _pinned_ca() -> _Scene:
    root = _ca("Acme Root")
    return _Scene([root], [_leaf("edge-1", root)], mode="pinned")


def _pinned_renewed() -> _Scene:
    old = _leaf("konnect-prod", ends=_NOW + DAY)
    new = _leaf("konnect-prod", own=old.key)
    return _Scene([old], [new], mode="pinned", key=new.secret)


def _leaf_last() -> _Scene:
    cert3, cert2, cert1 = _seed()
    return _Scene([cert3], [cert2, cert1], key=cert1.secret)


def _needless() -> _Scene:
    cert3, cert2, cert1 = _seed()
    others = [_ca(f"Spare {number}") for number in range(5)]
    return _Scene([*others, cert3], [cert1, *others, cert2, cert3], key=cert1.secret)


def _wrong_key() -> _Scene:
    cert3, cert2, cert1 = _seed()
    return _Scene([cert3], [cert1, cert2], key=_leaf("x").secret)


def _deep() -> _Scene:
    made = [_ca("Root")]
    for number in range(1, 12):
        made.insert(0, _ca(f"Intermediate {number} of a very deep infrastructure for testing", made[0]))
    leaf = _leaf("edge-1", made[0])
    return _Scene(made[-1:], [leaf, *made[:-1]], key=leaf.secret)


SCENES: dict[str, Callable[[], _Scene]] = {
    "seed-upload-cert1": _upload_cert1,
    "seed-upload-cert2": _upload_cert2,
    "seed-upload-cert3": _upload_cert3,
    "seed-upload-cert3-leaf-alone": _upload_cert3_leaf_alone,
    "missing-and-nowhere": _missing_and_nowhere,
    "missing-in-the-middle": _missing_in_the_middle,
    "wrong-root": _wrong_root,
    "wrong-root-own-nowhere": _wrong_root_own_nowhere,
    "cross-signed": _crossed,
    "namesakes": _namesakes,
    "expired-intermediate": _expired_intermediate,
    "pinned-ca": _pinned_ca,
    "pinned-renewed": _pinned_renewed,
    "leaf-last": _leaf_last,
    "needless": _needless,
    "wrong-key": _wrong_key,
    "deep": _deep,
}


@pytest.mark.parametrize("name", SCENES)
def test_drawing_is_the_one_that_was_looked_at(name: str) -> None:
    """Each drawing is the recorded one, fits a terminal of 80 columns, and is short for a usual chain."""
    scene = SCENES[name]()
    given, shown, known = ([each.der for each in part] for part in (scene.uploaded, scene.presented, scene.known))
    lines = list(chain.lines(chain.examine(scene.mode, given, shown, scene.key, _NOW, known)))
    assert max(map(cells, lines)) <= chain.WIDTH
    assert len(lines) <= 14 or name in ("deep", "needless")
    text = "".join(f"{line}\n" for line in lines)
    golden = _GOLDEN / f"{name}.txt"
    if os.environ.get("KONNECT_TUI_RECORD_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


def test_an_issuer_that_nobody_needs_is_not_missed() -> None:
    """Where Konnect is given the CA or the leaf itself, what stands above is named as not needed, not as missing."""
    _, issuing, leaf = _seed()
    for scene in (_Scene([issuing], [leaf], key=leaf.secret), _Scene([leaf], [leaf], (), "pinned", leaf.secret)):
        drawn = chain.examine(scene.mode, [scene.uploaded[0].der], [leaf.der], scene.key, _NOW)
        assert drawn.verdict.accepted
        assert drawn.lines[0].text.endswith("not needed")
        assert not any(line.role == "absent" for line in drawn.lines)
