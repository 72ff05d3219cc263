from datetime import date
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from konnect_tui.checks import check
from konnect_tui.draft import Certificate, ControlPlane, Draft, Gateway, Node, NodeOverride, Output
from konnect_tui.words import deceptive

TODAY = date(2026, 11, 23)
DRAFT = Draft(
    control_plane=ControlPlane(source="manual", region="eu", name="Edge", auth_mode="pinned", prefix="abc"),
    output=Output(platforms=("docker",)),
)


def faults(node: Node, draft: Draft = DRAFT) -> list[tuple[str, str, str]]:
    """Field, severity and code of every problem."""
    return [(p.field.removeprefix("node."), p.severity, p.code) for p in check(replace(draft, node=node), TODAY)]


def each(*overrides: NodeOverride) -> Node:
    """Two nodes with these overrides."""
    return Node(names=("a", "b"), each=overrides)


@pytest.mark.parametrize(
    "node",
    [
        Node(),
        Node(names=("edge-{01..40}", "spare")),
        Node(http_port=80, https_port=443, status_port=9000, stream_ports=(5000, 5001)),
        Node(labels={"Zone": "eu-west.1_a", "a" * 63: "b" * 63, "c": "1", "d": "2"}),
        Node(parameters={"log_level": "info", "nginx_http_x": "1", "anonymous_reports": False, "mem_cache_size": 128}),
        Node(parameters={"pg_password": "{vault://env/pg}", "cluster_max_payload": 33554432}),
        each(
            NodeOverride("a", http_port=9000, hostname="a.example"),
            NodeOverride("b", http_port=9001, labels={"z": "1"}),
        ),
        each(NodeOverride("a", http_port=8443, https_port=8444)),
        each(NodeOverride("a", stream_ports=())),
    ],
)
def test_nodes_that_can_run_have_no_fault(node: Node) -> None:
    """Patterns, ports, labels, parameters and what single nodes have of their own are taken."""
    assert faults(node) == []


@pytest.mark.parametrize(
    ("node", "field", "code"),
    [
        (Node(file="nodes.csv"), "file", "not-available-yet"),
        (Node(names=()), "names", "missing-key"),
        (Node(names=("ok", "Edge")), "names[1]", "bad-name"),
        (Node(names=("",)), "names[0]", "bad-name"),
        (Node(names=("x" * 64,)), "names[0]", "bad-name"),
        (Node(names=("../etc",)), "names[0]", "bad-name"),
        (Node(names=("-a-{1..2}",)), "names[0]", "bad-name"),
        (Node(names=("a-{2..1}",)), "names", "bad-name"),
        (Node(names=("a-{1..99999}",)), "names", "bad-name"),
        (Node(names=("a-1", "a-{1..3}")), "names[1]", "duplicate"),
        (Node(http_port=0), "http_port", "bad-port"),
        (Node(status_port=65536), "status_port", "bad-port"),
        (Node(stream_ports=(5000, -1)), "stream_ports[1]", "bad-port"),
        (Node(http_port=8443), "http_port", "port-clash"),
        (Node(status_port=8000), "status_port", "port-clash"),
        (Node(http_port=9000, https_port=9000), "https_port", "port-clash"),
        (Node(stream_ports=(5000, 5000)), "stream_ports[1]", "port-clash"),
        (Node(stream_ports=(8000,)), "stream_ports[0]", "port-clash"),
        (each(NodeOverride("c")), "each[0].name", "unknown-node"),
        (each(NodeOverride("a"), NodeOverride("a")), "each[1].name", "duplicate"),
        (each(NodeOverride("a", https_port=70000)), "each[0].https_port", "bad-port"),
        (each(NodeOverride("a", http_port=8443)), "each[0].http_port", "port-clash"),
        (
            each(NodeOverride("a", http_port=9000), NodeOverride("b", https_port=9000)),
            "each[1].https_port",
            "port-clash",
        ),
        (each(NodeOverride("a", hostname="A")), "each[0].hostname", "invalid-value"),
        (each(NodeOverride("a", hostname="a." * 32 + "b")), "each[0].hostname", "invalid-value"),
        (each(NodeOverride("a", hostname="")), "each[0].hostname", "invalid-value"),
        (each(NodeOverride("a", certificate="a.crt")), "each[0].certificate", "not-applicable"),
        (each(NodeOverride("a", private_key="a.key")), "each[0].private_key", "not-applicable"),
        (each(NodeOverride("a", labels={"": "x"})), "each[0].labels.", "bad-label"),
        (Node(labels={"node": "x"}), "labels.node", "reserved-label"),
        (Node(labels={"Kongfu": "x"}), "labels.Kongfu", "reserved-label"),
        (Node(labels={"k8s-x": "x"}), "labels.k8s-x", "reserved-label"),
        (Node(labels={"_x": "x"}), "labels._x", "reserved-label"),
        (Node(labels={"a b": "x"}), "labels.a b", "bad-label"),
        (Node(labels={"a": "x:y"}), "labels.a", "bad-label"),
        (Node(labels={"a": "x,y"}), "labels.a", "bad-label"),
        (Node(labels={"a": ""}), "labels.a", "bad-label"),
        (Node(labels={"a": "-x"}), "labels.a", "bad-label"),
        (Node(labels={"a": "x" * 64}), "labels.a", "bad-label"),
        (Node(labels=dict.fromkeys("abcde", "x")), "labels", "too-many-labels"),
        (Node(parameters={"role": "control_plane"}), "parameters.role", "owned-parameter"),
        (Node(parameters={"cluster_mtls": "shared"}), "parameters.cluster_mtls", "owned-parameter"),
        (Node(parameters={"proxy_listen": "0.0.0.0:80"}), "parameters.proxy_listen", "owned-parameter"),
        (Node(parameters={"log_levl": "info"}), "parameters.log_levl", "unknown-parameter"),
        (Node(parameters={"LOG_LEVEL": "info"}), "parameters.LOG_LEVEL", "unknown-parameter"),
        (Node(parameters={"vitals_strategy": "x"}), "parameters.vitals_strategy", "parameter-not-in-version"),
        (Node(parameters={"nginx_wasm_x": "x"}), "parameters.nginx_wasm_x", "parameter-not-in-version"),
        (Node(parameters={"pg_password": "hunter2"}), "parameters.pg_password", "secret-in-answers"),
        (Node(parameters={"nginx_http_x": "a\nb"}), "parameters.nginx_http_x", "invalid-value"),
    ],
)
def test_every_fault_of_a_node_is_an_error_at_its_key(node: Node, field: str, code: str) -> None:
    """Names, ports, labels and parameters that cannot be are refused where they were written."""
    assert (field, "error", code) in faults(node)


def test_labels_of_one_node_count_with_those_of_all() -> None:
    """Four labels are the limit for every node, its own and the shared ones together."""
    node = Node(labels={"a": "1", "b": "2", "c": "3"}, each=(NodeOverride("node-1", labels={"c": "x", "d": "4"}),))
    assert faults(node) == []
    more = replace(node, each=(NodeOverride("node-1", labels={"d": "4", "e": "5"}),))
    assert faults(more) == [("each[0].labels", "error", "too-many-labels")]


def test_no_nodes_at_all_is_for_a_ca_only() -> None:
    """In PKI mode a bundle may have no nodes, only what is uploaded."""
    pki = replace(DRAFT, control_plane=replace(DRAFT.control_plane, auth_mode="pki"))
    assert faults(Node(names=()), pki) == []


def test_ports_only_clash_where_nodes_share_a_host() -> None:
    """Two nodes may want the same port when every chosen platform gives each a host of its own."""
    node = each(NodeOverride("a", http_port=9000), NodeOverride("b", http_port=9000))
    assert faults(node) == [("each[1].http_port", "error", "port-clash")]
    assert faults(node, replace(DRAFT, output=Output(platforms=("linux", "helm")))) == []


def test_parameters_are_judged_by_the_chosen_version() -> None:
    """The same parameter is fine in one release and a fault in another."""
    node = Node(parameters={"incremental_sync": True})
    assert faults(node, replace(DRAFT, gateway=Gateway(version="3.10"))) == []
    older = faults(node, replace(DRAFT, gateway=Gateway(version="3.4")))
    assert ("parameters.incremental_sync", "error", "parameter-not-in-version") in older


def test_a_secret_is_not_repeated() -> None:
    """The value of a parameter stands in no message."""
    problems = check(replace(DRAFT, node=Node(parameters={"pg_password": "hunter2", "kpat_abcdef": "hunter2"})), TODAY)
    assert problems
    assert "hunter2" not in repr(problems)


def test_files_of_single_nodes_go_with_an_import() -> None:
    """Only where certificates are generated are a node's own files out of place."""
    draft = replace(DRAFT, certificate=Certificate(source="import"))
    assert "not-applicable" not in {code for _, _, code in faults(each(NodeOverride("a", certificate="a.crt")), draft)}


def test_a_thousand_nodes_are_checked_at_once() -> None:
    """The wizard checks with every key: a thousand nodes, each with ports and labels of its own, are no burden."""
    overrides = tuple(NodeOverride(f"e-{n:04d}", http_port=10_000 + n, labels={"z": "1"}) for n in range(1, 1001))
    draft = replace(DRAFT, node=Node(names=("e-{0001..1000}",), each=overrides))
    check(draft, TODAY)
    best = min(_seconds(draft) for _ in range(5))
    assert best < 0.06  # 12 ms on the machine it was written on


def _seconds(draft: Draft) -> float:
    began = process_time()
    assert check(draft, TODAY) == ()
    return process_time() - began


@given(
    st.lists(st.text(max_size=20), max_size=4),
    st.dictionaries(st.text(max_size=10), st.text(max_size=10), max_size=6),
    st.dictionaries(st.text(max_size=20), st.one_of(st.text(max_size=30), st.integers(), st.booleans()), max_size=3),
    st.lists(st.integers(-5, 70000), max_size=4),
)
def test_any_node_is_judged_and_none_of_it_reaches_a_terminal_raw(
    names: list[str], labels: dict[str, str], parameters: dict[str, str | int | bool], ports: list[int]
) -> None:
    """Whatever stands in the answers, the check ends, and what it says holds nothing a terminal would obey."""
    own = tuple(NodeOverride(name, hostname=name, labels=labels, stream_ports=tuple(ports)) for name in names)
    node = Node(names=tuple(names), labels=labels, parameters=parameters, stream_ports=tuple(ports), each=own)
    for problem in check(replace(DRAFT, node=node), TODAY):
        assert not any(deceptive(character) for character in problem.field + problem.message + problem.hint)
