"""Ports of one host: given out once, kept, and never to two nodes."""

from pathlib import Path

from running import PINNED, Apply


def test_ports_once_given_out_stay(apply: Apply, workspace: Path) -> None:
    """A node put in front of others gets free ports; theirs stay."""
    apply(PINNED)
    more = apply(PINNED + '[node]\nnames = ["node-1", "front"]\n')
    assert more.code == 0
    assert "8001" in (workspace / "payments-eu" / "docker" / "front" / "run.sh").read_text()


def test_a_port_that_a_new_node_insists_on_is_never_given_twice(apply: Apply, workspace: Path) -> None:
    """A new node may name a port that another has by default: the other moves, which needs --replace."""
    apply(PINNED)
    wish = PINNED + '[node]\nnames = ["node-1", "b"]\n[[node.each]]\nname = "b"\nhttp_port = 8000\n'
    assert apply(wish).code == 3
    assert apply(wish, "--replace").code == 0
    scripts = [(workspace / "payments-eu" / "docker" / name / "run.sh").read_text() for name in ("node-1", "b")]
    assert ["0.0.0.0:8000:8000" in script for script in scripts] == [False, True]


def test_on_hosts_of_their_own_nodes_may_have_one_port(apply: Apply) -> None:
    """On Linux every node has a host: one that names a port adds to the bundle like any other."""
    linux = '[output]\nplatforms = ["linux"]\n'
    apply(PINNED + linux)
    wish = PINNED + linux + '[node]\nnames = ["node-1", "b"]\n[[node.each]]\nname = "b"\nhttp_port = 8000\n'
    assert apply(wish).code == 0
