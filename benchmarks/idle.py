"""Practice nodes and the control plane they are connected to, doing nothing but ping: what that costs, and what stays.

Processor time and memory are the kernel's own numbers of both processes together (`/proc`, Linux).
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

NODES = 200
_WARM = 45.0
"""Seconds until every node has pinged twice: what the first ping takes is no growth."""

_LIMIT = "5m"
_TICKS = os.sysconf("SC_CLK_TCK")

ANSWERS = f"""schema = 1
[control_plane]
source = "training"
region = "eu"
name = "idle"
create = true
auth_mode = "pki"
[certificate]
ca_key = "discard"
[node]
names = ["edge-{{001..{NODES}}}"]
http_port = 7000
https_port = 7300
status_port = 7600
[output]
bundle = "idle"
platforms = ["docker"]
[platform.docker]
bind_address = "127.0.0.1"
"""


class Cost(NamedTuple):
    """What they took: of one core, and megabytes at the beginning and at the end."""

    share: float
    before: float
    after: float


class Idle:
    """One long run, however often it is asked for."""

    def __init__(self, ours: str, scratch: Path, env: Mapping[str, str], minutes: float) -> None:
        self._ours = ours
        self._scratch = scratch
        self._env = env
        self._minutes = minutes

    @cached_property
    def cost(self) -> Cost:
        """Start both, wait until every node is connected and in sync and has pinged, then only look."""
        bundle = str(self._scratch / "workspace" / "idle")
        (self._scratch / "idle.toml").write_text(ANSWERS)
        with self._process("training", "serve", "--port", "0", "--listener-port", "0") as serving:
            self._run("apply", "idle.toml", "--workspace", "workspace")
            with self._process("training", "node", bundle) as nodes:
                self._run("watch", bundle, "--timeout", _LIMIT)
                time.sleep(_WARM)
                both = (serving.pid, nodes.pid)
                began, used, before = time.monotonic(), _seconds(both), _megabytes(both)
                time.sleep(self._minutes * 60)
                share = (_seconds(both) - used) / (time.monotonic() - began)
                after = _megabytes(both)
                self._run("watch", bundle, "--timeout", "0")
        return Cost(share, before, after)

    @contextmanager
    def _process(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """A command that stays, from when it says that it is ready, where it says so."""
        where = {"cwd": self._scratch, "env": self._env}
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        with subprocess.Popen((self._ours, *arguments, "--json"), **where, **quiet) as process:
            try:
                if arguments[1] == "serve":
                    assert process.stdout is not None
                    assert json.loads(process.stdout.readline())["ok"]
                yield process
            finally:
                process.terminate()

    def _run(self, *arguments: str) -> None:
        command = (self._ours, *arguments)
        run = subprocess.run(command, cwd=self._scratch, env=self._env, capture_output=True, text=True, check=False)
        if run.returncode:
            raise SystemExit(f"konnect-tui {' '.join(arguments)} ended with {run.returncode}:\n{run.stderr}")


def _seconds(processes: tuple[int, ...]) -> float:
    """Processor time they have used so far."""
    used = (Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[11:13] for each in processes)
    return sum(int(ticks) for both in used for ticks in both) / _TICKS


def _megabytes(processes: tuple[int, ...]) -> float:
    """Memory they have now."""
    return sum(megabytes(each) for each in processes)


def megabytes(process: int) -> float:
    """Memory that a process has now."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
