"""`verify` and `rehearse`: what is broken is told from what was only edited, node by node."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from running import PINNED, PKI, Apply, Outcome, run

SHARED = PINNED + '[node]\nnames = ["node-1", "node-2"]\n[certificate]\nper = "bundle"\n'


def _told(done: Outcome) -> set[tuple[str, str, bool]]:
    return {(row["code"], row["path"], row["ok"]) for row in done.document["checks"]}


def test_an_edited_file_is_a_note(apply: Apply, workspace: Path) -> None:
    """What the operator edited still works: it is named, and the answer stays yes."""
    apply(PINNED)
    (workspace / "payments-eu" / "README.md").write_text("mine")
    found = run("verify", "payments-eu", "--workspace", workspace, "--json")
    assert found.code == 0
    assert ("edited", "README.md", True) in _told(found)


@pytest.mark.parametrize(
    ("path", "harm", "code"),
    [
        ("README.md", Path.unlink, "missing-file"),
        ("nodes/edge-2/tls.key", lambda path: path.chmod(0o644), "wrong-mode"),
        ("nodes/edge-2/tls.crt", lambda path: path.write_bytes(b"x"), "broken"),
        ("ca/root.crt", lambda path: path.write_bytes(b"x"), "broken"),
        ("ca/root.key", lambda path: path.write_bytes(b"x"), "broken"),
        ("ca/root.key", lambda path: shutil.copyfile(path.with_name("intermediate-1.key"), path), "broken"),
    ],
)
def test_what_is_broken_is_no(
    path: str, harm: Callable[[Path], object], code: str, apply: Apply, workspace: Path
) -> None:
    """What is gone, open to others or of no use any more is exit 3, with its path."""
    apply(PKI)
    harm(workspace / "orders-us" / path)
    found = run("verify", "orders-us", "--workspace", workspace, "--json")
    assert (found.code, found.document["error"]["code"]) == (3, "not-whole")
    assert (code, path, False) in _told(found)


@pytest.mark.parametrize("name", ["tls.crt", "tls.key"])
def test_a_node_that_has_lost_something_is_refused_in_the_rehearsal(name: str, apply: Apply, workspace: Path) -> None:
    """A node without certificate or key has its two rows like any other, and they say no."""
    apply(PKI)
    (workspace / "orders-us" / "nodes" / "edge-2" / name).write_bytes(b"x" if name == "tls.crt" else b"")
    found = run("rehearse", "orders-us", "--workspace", workspace, "--json")
    assert found.code == 3
    accepted = {(row["name"], row["tls"]): row["accepted"] for row in found.document["nodes"]}
    assert len(accepted) == 6
    assert [node for (node, _), fine in accepted.items() if not fine] == ["edge-2", "edge-2"]


def test_each_node_is_judged_by_its_own_copy_of_a_shared_key(apply: Apply, workspace: Path) -> None:
    """With one key for all, a node whose copy was changed is refused, and only that one."""
    apply(SHARED)
    node = workspace / "payments-eu" / "nodes" / "node-2"
    (node / "tls.key").write_bytes(_another_key(apply, workspace))
    found = run("rehearse", "payments-eu", "--workspace", workspace, "--json")
    assert found.code == 3
    assert [row["name"] for row in found.document["nodes"] if not row["accepted"]] == ["node-2", "node-2"]
    checked = run("verify", "payments-eu", "--workspace", workspace, "--json")
    assert ("key-mismatch", "nodes/node-2/tls.crt", False) in _told(checked)


def _another_key(apply: Apply, workspace: Path) -> bytes:
    apply(PKI)
    return (workspace / "orders-us" / "nodes" / "edge-1" / "tls.key").read_bytes()
