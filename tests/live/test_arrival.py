"""Which record of a control plane is which node of a bundle, and how far it has come."""

import time
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.konnect.models import (
    Compatibility,
    ConnectionState,
    EntityFault,
    FieldFault,
    Issue,
    Node,
    NodeError,
)
from konnect_tui.live.advice import advice, line
from konnect_tui.live.arrival import Expected, NodeState, Subject, arrivals

NOW = 1_764_028_800
HASH = "0123456789abcdef0123456789abcdef"
ZEROS = "0" * 32
HELD = {"d1": frozenset({"c1"}), "d2": frozenset({"c2"}), "ca": frozenset({"c9"})}
TOGETHER = {"d1": frozenset({"c1"}), "d2": frozenset({"c1", "c2"})}
"""One entry that holds the certificates of both."""
PINNED = Subject(
    "eu", "x", "pinned", (Expected("edge-1", "edge-1", "a", "d1"), Expected("edge-2", "edge-2", "b", "d2"))
)
PKI = Subject("eu", "x", "pki", (Expected("edge-1", "edge-1", "r", "ca"), Expected("edge-2", "edge-2", "r", "ca")))
SHARED = Subject("eu", "x", "pinned", tuple(Expected(f"edge-{n}", f"edge-{n}", "s", "d1") for n in (1, 2, 3)), True)


def record(id: str, hostname: str = "elsewhere", certificate: str | None = None, **more: object) -> Node:  # noqa: A002
    """A node that is connected and in sync unless told otherwise."""
    usual: dict[str, object] = {"last_ping": NOW, "config_hash": HASH, "connection_state": ConnectionState(True)}
    return Node(id, hostname=hostname, data_plane_cert_id=certificate, version="3.10.0.5", **{**usual, **more})  # type: ignore[arg-type]


def label(name: str) -> dict[str, str]:
    """The labels of a node of that name."""
    return {"node": name}


def seen(
    subject: Subject, *records: Node, held: Mapping[str, frozenset[str]] | None = HELD, expected: str = HASH
) -> Sequence[NodeState]:
    """The states that these records make."""
    return arrivals(subject, records, expected, held, NOW)


def ids(states: Sequence[NodeState]) -> list[str | None]:
    """Which record each node got."""
    return [state.record.id if state.record else None for state in states]


def test_the_certificate_tells() -> None:
    """In pinned mode a node is known by its own certificate, whatever its host name and labels say."""
    states = seen(PINNED, record("n", "edge-2", "c1", labels=label("edge-2")), record("m", "pod-7f3c", "c2"))
    assert ids(states) == ["n", "m"]
    assert all(state.in_sync for state in states)


def test_the_host_name_tells_then_the_label() -> None:
    """Where Konnect does not say with which certificate it came in, host name and then label tell a node."""
    assert ids(seen(PINNED, record("n", "EDGE-1"), record("m", "pod", labels=label("edge-2")))) == ["n", "m"]
    both = (record("h", "edge-1"), record("l", "pod", labels=label("edge-1")))
    assert ids(seen(PKI, *both))[0] == "h"


def test_a_label_of_another_node_outweighs_a_host_name() -> None:
    """Nodes that share a host's name are told apart by their labels."""
    records = (record("n", "edge-1", labels=label("edge-2")), record("m", "edge-1", labels=label("edge-1")))
    assert ids(seen(PKI, *records)) == ["m", "n"]


def test_earlier_lives_do_not_count() -> None:
    """Of several records of a node that of the newest ping counts."""
    old = record(
        "old", "edge-1", "c1", last_ping=NOW - 7200, connection_state=ConnectionState(False), config_hash=ZEROS
    )
    new = record("new", "edge-1", "c1", last_ping=NOW - 5)
    for records in ((old, new), (new, old)):
        state = seen(PINNED, *records)[0]
        assert (state.record, state.stage, state.twins) == (new, "ready", 0)


def test_a_key_used_twice_is_noticed() -> None:
    """Two nodes that are connected with the certificate of one are counted."""
    assert seen(PINNED, record("n", "a", "c1"), record("m", "b", "c1"))[0].twins == 1


def test_in_pinned_mode_a_name_is_not_enough() -> None:
    """A node of the name that came in with another certificate isn't the bundle's, and is told apart."""
    state = seen(PINNED, record("n", "edge-1", "c77", labels=label("edge-1")))[0]
    assert (state.stage, state.connected, state.record) == ("unseen", False, None)
    assert [stranger.id for stranger in state.strangers] == ["n"]


def test_in_pki_mode_konnect_may_name_another_ca() -> None:
    """In PKI mode a node of the name counts, whichever CA vouched for it; the bundle's own goes first."""
    assert ids(seen(PKI, record("n", "edge-1", "c77")))[0] == "n"
    assert ids(seen(PKI, record("n", "edge-1", "c77"), record("m", "edge-1", "c9", last_ping=NOW - 9)))[0] == "m"


def test_a_bundle_of_one_node_in_pki_mode() -> None:
    """The only node of a bundle is known by its CA where neither host name nor label tells."""
    alone = Subject("eu", "x", "pki", PKI.nodes[:1])
    assert ids(seen(alone, record("n", "pod-7f3c", "c9"))) == ["n"]
    assert ids(seen(PKI, record("n", "pod-7f3c", "c9"))) == [None, None]


def test_replicas_of_one_release() -> None:
    """Pods that share a key and a label, with host names of their own, are the bundle's nodes in turn."""
    pods = [record(f"p{n}", f"kong-7f-{n}", "c1", labels=label("edge-1"), last_ping=NOW - n) for n in range(4)]
    assert ids(seen(SHARED, *pods)) == ["p0", "p1", "p2"]
    assert ids(seen(SHARED, *pods[:2])) == ["p0", "p1", None]


def test_nodes_that_share_a_key_by_name() -> None:
    """Nodes that share a key on hosts of their names are told by them."""
    records = [record(f"n{n}", f"edge-{n}", "c1", labels=label(f"edge-{n}")) for n in (3, 1)]
    assert ids(seen(SHARED, *records)) == ["n1", None, "n3"]


@pytest.mark.parametrize(
    ("more", "stage"),
    [
        ({}, "ready"),
        ({"connection_state": ConnectionState(False)}, "gone"),
        ({"connection_state": None}, "ready"),
        ({"connection_state": ConnectionState()}, "ready"),
        ({"connection_state": ConnectionState(), "last_ping": NOW - 61}, "gone"),
        ({"connection_state": None, "last_ping": NOW - 59}, "ready"),
        ({"connection_state": None, "last_ping": NOW - 61}, "gone"),
        ({"connection_state": None, "last_ping": 0}, "gone"),
        ({"last_ping": NOW - 299}, "ready"),
        ({"last_ping": NOW - 301}, "gone"),
        ({"last_ping": 0}, "ready"),
        ({"last_ping": NOW + 7200}, "ready"),
        ({"config_hash": ZEROS}, "empty"),
        ({"config_hash": ""}, "empty"),
        ({"config_hash": HASH[::-1]}, "behind"),
        ({"config_hash": ZEROS, "connection_state": ConnectionState(False)}, "gone"),
    ],
)
def test_how_far_it_has_come(more: dict[str, object], stage: str) -> None:
    """Connected as Konnect says if its pings bear that out; in sync with the very hash expected, not zeros."""
    state = seen(PINNED, record("n", "edge-1", "c1", **more))[0]
    assert state.stage == stage
    assert (state.connected, state.in_sync) == (stage not in ("gone", "unseen"), stage == "ready")


def test_one_that_konnect_calls_connected_for_hours() -> None:
    """A stopped node that Konnect calls connected for hours is not counted as that, and is told with its last sign."""
    (state, _) = seen(PINNED, record("n", "edge-1", "c1", last_ping=NOW - 7300))
    assert (state.connected, state.in_sync) == (False, False)
    assert line(state) == "edge-1: Konnect still calls it connected, but its last sign was 2 h ago"
    (problem, *_) = advice([state])
    assert (problem.severity, problem.code) == ("warning", "node-gone")
    assert problem.message == "Konnect still calls edge-1 connected, but its last sign was 2 h ago."


def test_a_stale_record_is_no_twin() -> None:
    """A record that is called connected and has not pinged for hours is not counted as another connected node."""
    stale = record("old", "a", "c1", last_ping=NOW - 7200)
    assert seen(PINNED, stale, record("new", "b", "c1"))[0].twins == 0


def test_zeros_are_no_configuration_whatever_is_expected() -> None:
    """A node without a configuration is not in sync, even if Konnect should expect none."""
    assert seen(PINNED, record("n", "edge-1", "c1", config_hash=ZEROS), expected=ZEROS)[0].stage == "empty"
    assert seen(PINNED, record("n", "edge-1", "c1", config_hash=""), expected="")[0].stage == "empty"


@pytest.mark.parametrize(("held", "given_"), [(HELD, [True, True]), ({}, [False, False]), (None, [None, None])])
def test_whether_konnect_has_the_certificate(held: dict[str, frozenset[str]] | None, given_: list[bool | None]) -> None:
    """Whether Konnect was given what lets a node in is said, where it is known."""
    assert [state.given for state in seen(PINNED, held=held)] == given_


def test_what_a_node_refuses() -> None:
    """Why a node did not take a configuration is told by entity and field, as text that a terminal can be given."""
    faults = (FieldFault("must be\x1b[2J a path", "field", "paths"),)
    error = NodeError(name="declarative configuration parse failure", flattened_errors=(
        EntityFault("1", "shop\u202e", "route", faults), EntityFault("2", "", "plugin", None),
    ))  # fmt: skip
    state = seen(PINNED, record("n", "edge-1", "c1", config_hash=ZEROS, errors=(error, NodeError(message="x"))))[0]
    assert state.refusals == (
        "route shop\\u202e: paths: must be\\e[2J a path",
        "plugin 2: declarative configuration parse failure",
        "x",
    )
    assert seen(PINNED, record("n", "edge-1", "c1", errors=(error,)))[0].refusals == ()


def test_compatibility() -> None:
    """A version that does not fit is told with its issues; states that are not known are not taken for that."""
    issue = Issue("P121", resolution="Upgrade.")
    bad = Compatibility("COMPATIBILITY_STATE_INCOMPATIBLE", (issue,))
    state = seen(PINNED, record("n", "edge-1", "c1", compatibility_status=bad))[0]
    assert (state.incompatible, state.issues, state.in_sync) == (True, (issue,), True)
    new = Compatibility("COMPATIBILITY_STATE_SOMETHING_NEW")
    assert not seen(PINNED, record("n", "edge-1", "c1", compatibility_status=new))[0].incompatible


_text = st.sampled_from(["", "edge-1", "edge-2", "EDGE-1", "pod", "c1", "c2", "c9", "c77"])
_records = st.lists(
    st.builds(
        Node,
        id=st.uuids().map(str),
        hostname=_text,
        last_ping=st.integers(-1, NOW * 2),
        config_hash=st.sampled_from(["", ZEROS, HASH, "x"]),
        data_plane_cert_id=st.none() | _text,
        labels=st.none() | st.dictionaries(st.just("node"), _text),
        connection_state=st.none() | st.builds(ConnectionState, st.booleans()),
    ),
    max_size=8,
)


@given(st.sampled_from([PINNED, PKI, SHARED]), _records, st.sampled_from([None, {}, HELD, TOGETHER]))
def test_whatever_konnect_answers(
    subject: Subject, records: list[Node], held: dict[str, frozenset[str]] | None
) -> None:
    """Any records give one state per node; no record stands for two, none is taken for in sync that isn't."""
    states = arrivals(subject, records, HASH, held, NOW)
    assert [state.name for state in states] == [node.name for node in subject.nodes]
    taken = [found for found in ids(states) if found]
    assert len(taken) == len(set(taken))
    for state in states:
        if state.in_sync:
            assert state.record is not None
            assert state.record.config_hash == HASH
            if subject.mode == "pinned" and state.record.data_plane_cert_id:
                assert state.record.data_plane_cert_id in (held or {}).get(
                    next(node.sha256 for node in subject.nodes if node.name == state.name), frozenset()
                )


@pytest.mark.parametrize("mode", ["pinned", "pki"])
def test_ten_thousand_records_are_sorted_quickly(mode: str) -> None:
    """A thousand nodes are found among ten thousand records within a second, whatever tells them."""
    records = [
        Node(str(at), hostname=f"edge-{at}", config_hash=HASH, last_ping=NOW, labels={"node": f"edge-{at}"})
        for at in range(10_000)
    ]
    nodes = tuple(Expected(f"edge-{at}", f"edge-{at}") for at in range(1000))
    begun = time.perf_counter()
    states = arrivals(Subject("eu", "plane", mode, nodes), records, HASH, {}, NOW)
    assert all(state.in_sync for state in states)
    assert time.perf_counter() - begun < 1
