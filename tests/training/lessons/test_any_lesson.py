"""Whatever a stranger's lesson says in the words of the vocabulary, playing it ends in problems or none."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lesson_play import now

from konnect_tui.services import Services
from konnect_tui.training.lessons import trial
from konnect_tui.training.lessons.decoding import decode
from konnect_tui.training.lessons.lesson import Lesson
from konnect_tui.training.lessons.shelf import Shelved
from konnect_tui.training.lessons.soundness import unsound

_NODES = ("edge-1", "edge-2")
_MADE = ("one", "two")
_CERTIFICATES = st.sampled_from((*_NODES, *_MADE, "nodes/edge-1/tls.crt", "nodes/edge-2/tls.crt"))
_WHO = st.lists(st.sampled_from((*_NODES, "guest")), min_size=1, max_size=2, unique=True)
_CHAIN = st.lists(_CERTIFICATES, min_size=1, max_size=3)
_CONNECT = st.builds(lambda do, who: {"do": do, "who": who}, st.sampled_from(["start", "reconnect"]), _WHO)
_PLACE = st.sampled_from(("kong.env", "run.sh"))
_ONE = st.sampled_from(_NODES)


def _set(node: str, parameter: str, to: str, place: str) -> dict[str, str]:
    return {"do": "set", "node": node, "parameter": parameter, "to": to, "place": place}


_PLANE = st.sampled_from(("own", "twin", "other"))
_STEP = st.one_of(
    _CONNECT,
    st.builds(lambda do, one, at: {"do": do, "certificate": one, "at": at},
              st.sampled_from(["hold", "release"]), _CERTIFICATES, _PLANE),
    st.builds(_set, _ONE, st.sampled_from(["cluster_control_plane", "cluster_server_name"]), _PLANE, _PLACE),
    st.builds(_set, _ONE, st.just("cluster_mtls"), st.sampled_from(["pki", "shared"]), _PLACE),
    st.builds(lambda node, many: {"do": "install", "node": node, "certificates": many}, _ONE, _CHAIN),
    st.builds(lambda days, new: {"do": "apply", "days": days, "new_keys": new}, st.integers(1, 3650), st.booleans()),
)  # fmt: skip
_STEPS = st.lists(_STEP, min_size=1, max_size=3)


def _make(name: str) -> st.SearchStrategy[dict[str, Any]]:
    others = ("edge-1", "edge-2", *(_MADE[: _MADE.index(name)]))
    return st.fixed_dictionaries(
        {"name": st.just(name), "kind": st.sampled_from(["leaf", "ca"]), "begins": st.integers(-3650, 0)},
        optional={
            "issuer": st.sampled_from(others),
            "named_like": st.sampled_from(others),
            "key_of": st.sampled_from(others),
            "ends": st.integers(1, 3650),
        },
    )


_BUNDLE = st.fixed_dictionaries(
    {"nodes": st.just(list(_NODES))},
    optional={
        "per": st.sampled_from(["node", "bundle"]),
        "issued_by": st.just("one"),
        "days": st.integers(1, 3650),
        "age": st.integers(0, 3650),
    },
)
_CHECK = st.one_of(
    st.builds(lambda that, who: {"that": that, "who": who},
              st.sampled_from(["accepted", "in-sync", "switched", "in-date", "key-changed", "none-refused"]),
              st.just(list(_NODES))),
    st.builds(lambda that, many: {"that": that, "certificates": many}, st.sampled_from(["held", "not-held"]), _CHAIN),
)  # fmt: skip
_ROUND = st.fixed_dictionaries(
    {
        "scene": st.fixed_dictionaries(
            {
                "auth_mode": st.sampled_from(["pinned", "pki"]),
                "bundle": _BUNDLE,
                "certificate": st.tuples(_make("one"), _make("two")).map(list),
                "guest": st.just([{"name": "guest", "follows": "edge-1"}]),
                "control_plane": st.just([{"name": "twin", "region": "us"}, {"name": "other"}]),
            },
            optional={
                "seed": _STEPS,
            },
        ),
        "run": st.lists(_CONNECT, max_size=2),
        "prediction": st.just([{"asks": "choice", "name": "q", "choices": ["yes", "no"], "right": "yes"}]),
        "check": st.lists(_CHECK, min_size=1, max_size=3).map(lambda some: [*some, {"that": "held-unchanged"}]),
        "solution": _STEPS,
        "wrong": _STEPS.map(lambda steps: [{"name": "w", "steps": steps}]),
    }
)


@pytest.mark.slow
@given(_ROUND)
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
def test_no_lesson_breaks_the_product(tmp_path_factory: pytest.TempPathFactory, round_: dict[str, Any]) -> None:
    """A lesson that hangs together is played to its end, or to an error of the register."""
    table = {"schema": 1, "number": 500, "name": "any", "minutes": 5, "round": [round_]}
    lesson, _ = decode(table, Lesson)
    assume(lesson is not None and not list(unsound(lesson)))
    assert lesson is not None
    folder: Path = tmp_path_factory.mktemp("any")
    services = Services(str(folder / "dp"), environ={}, now=now)
    asyncio.run(trial.proven(Shelved(lesson, None, str(folder)), services))  # type: ignore[arg-type]  # no words needed
