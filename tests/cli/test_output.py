"""What becomes of the answer when nobody can take it: closed or full streams, encodings, Ctrl-C while loading."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from running import PINNED

from konnect_tui import cli
from konnect_tui.cli.answer import problem_lines
from konnect_tui.errors import error, note

COMMAND = (sys.executable, "-m", "konnect_tui")


def _run(*arguments: str | bytes, redirect: str = "", **environ: str) -> subprocess.CompletedProcess[bytes]:
    line = ("sh", "-c", f'"$@" {redirect}', "sh", *COMMAND)
    return subprocess.run((*line, *arguments), capture_output=True, check=False, env={**os.environ, **environ})


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("regions",), ("versions", "--json")])
@pytest.mark.parametrize("redirect", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_fault(arguments: tuple[str, ...], redirect: str) -> None:
    """Who closes a stream wants nothing from it: the command ends as ever."""
    run = _run(*arguments, redirect=redirect)
    assert (run.returncode, b"Traceback" in run.stderr) == (0, False)


def test_without_stderr_the_work_is_done_and_nothing_else_said(tmp_path: Path) -> None:
    """Where stderr is closed, the talk is lost and stdout still holds nothing but data."""
    file = tmp_path / "answers.toml"
    file.write_text(PINNED)
    run = _run("apply", str(file), "--workspace", str(tmp_path), redirect="2>&-")
    assert (run.returncode, run.stdout) == (0, f"{tmp_path}/payments-eu\n".encode())
    assert b"accepted" not in _run("regions", redirect="2>&-").stdout
    assert _run("apply", "/nowhere", redirect="2>&-").stdout == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [("--version",), ("regions",), ("versions", "--json")])
def test_a_full_disk_behind_stdout_is_exit_1(arguments: tuple[str, ...]) -> None:
    """An answer that could not be written is not reported as done, and there is no traceback."""
    run = _run(*arguments, redirect=">/dev/full")
    assert (run.returncode, b"Traceback" in run.stderr) == (1, False)


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_the_path_is_printed_as_it_is_on_disk(encoding: str, tmp_path: Path) -> None:
    """Whatever encoding stdout has, a script gets the bytes of the path."""
    file = tmp_path / "answers.toml"
    file.write_text(PINNED)
    workspace = os.fsencode(tmp_path) + b"/d\xffp\xc3\xbc"
    run = _run("apply", str(file), "--workspace", workspace, PYTHONIOENCODING=encoding)
    assert (run.returncode, run.stdout) == (0, workspace + b"/payments-eu\n"), run.stderr


def test_a_passphrase_need_not_be_text(tmp_path: Path) -> None:
    """KONNECT_TUI_PASSPHRASE may hold any bytes."""
    file = tmp_path / "answers.toml"
    file.write_text(PINNED)
    assert _run("apply", str(file), "--workspace", str(tmp_path)).returncode == 0
    node = tmp_path / "payments-eu" / "nodes" / "node-1"
    certificate = str(node / "tls.crt")
    judged = ("judge", "--mode", "pinned", "--uploaded", certificate, "--presented", certificate)
    run = _run(*judged, "--key", str(node / "tls.key"), KONNECT_TUI_PASSPHRASE=os.fsdecode(b"\xff"))
    assert run.returncode == 0, run.stderr


def test_ctrl_c_while_loading_is_cancelled(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C before the command has begun is exit 130, with a line and no traceback."""

    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("konnect_tui.cli.gate.run", interrupted)
    assert cli.main(["regions"]) == 130
    assert "cancelled" in capsys.readouterr().err


def test_many_notes_are_counted() -> None:
    """Of a thousand notes a terminal gets some and the number of the others; errors are never left out."""
    problems = [note("node.names", "repaired", f"note {number}") for number in range(1000)]
    lines = problem_lines([*problems, *(error("node.names", "bad-name", f"error {number}") for number in range(50))])
    assert sum(line.startswith("error:") for line in lines) == 50
    assert len([line for line in lines if line.startswith("note:")]) == 13
    assert "988 more" in lines[-1]
