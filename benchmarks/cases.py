"""The promises, each as two programs to be timed side by side: ours, and what it is held against."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from statistics import median, quantiles
from typing import Literal, NamedTuple

from benchmarks.idle import NODES as IDLE_NODES
from benchmarks.idle import Idle
from benchmarks.planes import FEW, HUGE, MANY, Planes
from benchmarks.terminal import Page, Terminal

HERE = Path(__file__).parent
PYTHON = sys.executable
OURS = str(Path(PYTHON).parent / "konnect-tui")
NODES = 1000
CONTROL_PLANES = 1000

# The names that making keys and certificates needs, and nothing else.
ONLY_IMPORTS = """
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
"""

# The same, and what serving HTTP and TLS needs.
SERVING_IMPORTS = f"""{ONLY_IMPORTS}
import asyncio, ssl
from aiohttp import web
"""

ONE_NODE = """schema = 1
[control_plane]
source = "manual"
region = "eu"
name = "bench"
auth_mode = "pinned"
prefix = "0123456789"
[certificate]
key = "ec-p256"
[output]
bundle = "{bundle}"
platforms = ["docker", "compose", "linux", "helm"]
"""

MANY_NODES = """schema = 1
[control_plane]
source = "manual"
region = "eu"
name = "bench"
auth_mode = "pki"
prefix = "0123456789"
[certificate]
key = "ec-p384"
ca_key = "plain"
[node]
names = ["edge-{{0001..{nodes:04d}}}"]
[output]
bundle = "{bundle}"
platforms = ["helm"]
"""

# What people do without us: a CA, then one command a leaf.
SHELL_LOOP = """
set -eu
key='-newkey ec -pkeyopt ec_paramgen_curve:P-384 -noenc'
openssl req -x509 $key -keyout ca.key -out ca.crt -subj /CN=root -days 3650 2>/dev/null
i=0
while [ "$i" -lt "$1" ]; do
    i=$((i + 1))
    openssl req -x509 $key -keyout "edge-$i.key" -out "edge-$i.crt" -subj "/CN=edge-$i" -days 3650 \
        -CA ca.crt -CAkey ca.key -addext basicConstraints=critical,CA:FALSE 2>/dev/null
done
"""

Samples = list[float]


def p95(samples: Samples) -> float:
    """What 95 of 100 stay below."""
    return quantiles(samples, n=20)[18]


class Case(NamedTuple):
    """One promise. Times are in seconds; `target` bounds ours/peer from above, or peer/ours from below.

    With `at most more` it bounds ours - peer, and both are what is printed, whatever they are measured in.
    `once`: it is so long that one round has to do.
    """

    name: str
    against: str
    target: float
    ours: Callable[[], Samples]
    peer: Callable[[], Samples]
    bound: Literal["at most", "at least", "at most more"] = "at most"
    heavy: bool = False
    once: bool = False
    statistic: Callable[[Samples], float] = median


class Bench:
    """Everything that is timed, in one folder that nothing is deleted from while it runs.

    Making files right after deleting thousands is many times slower on ext4, so each round writes new ones.
    `disturbed` measures just that: before each of the heavy runs, whoever's it is, thousands are deleted.
    """

    def __init__(self, scratch: Path, *, leaves: int, keys: int, minutes: float, disturbed: bool = False) -> None:
        self.scratch = scratch
        self._minutes = minutes
        self._disturbed = disturbed
        self.leaves = leaves
        self.keys = keys
        self._round = 0
        home = scratch / "home"
        home.mkdir()
        (home / "config" / "konnect-tui" / "profiles").mkdir(parents=True)  # no newcomer: Enter leads to Region at once
        places = {
            "XDG_STATE_HOME": "state",
            "XDG_CONFIG_HOME": "config",
            "XDG_CACHE_HOME": "cache",
            "XDG_DATA_HOME": "data",
        }
        # PYTHONDONTWRITEBYTECODE, for one, would have ours compiled anew at every start.
        ours = ("KONNECT_", "TEXTUAL", "PYTHON")
        self._env: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
            "HOME": str(home),
            **{name: str(home / folder) for name, folder in places.items()},
        }

    def cases(self) -> list[Case]:
        """All promises, the quick ones first."""
        loop = f"a shell loop of {self.leaves} × openssl req -x509 -CA, as if {NODES}"
        bare = "a bare Textual app"
        return [
            Case("--version", "python -c pass", 2.5, lambda: self._run(OURS, "--version"), self._pass),
            Case("--help", "python -c pass", 5, lambda: self._run(OURS, "--help"), self._pass),
            Case("inspect, a pair", "python importing cryptography.x509", 1.6, self._inspect, self._imports_x509),
            Case("apply, one node", "python importing cryptography", 1.6, self._one_node, self._imports),
            Case(
                "wizard, start to first page",
                bare,
                1.3,
                lambda: [self._ready(OURS)],
                lambda: [self._ready(*self._bare)],
            ),
            Case(
                "wizard in training, start to first page",
                bare,
                1.6,
                lambda: [self._ready(OURS, "--training")],
                lambda: [self._ready(*self._bare)],
            ),
            Case(
                "training serve, start to ready",
                "python importing cryptography and aiohttp",
                1.6,
                self._served,
                lambda: self._run(PYTHON, "-c", SERVING_IMPORTS),
            ),
            Case("wizard, key to first byte", bare, 2, lambda: self._pressed(OURS), lambda: self._pressed(*self._bare)),
            Case(
                f"token to a list of {CONTROL_PLANES:,}",
                "a bare aiohttp script",
                1.5,
                lambda: self._listed("ours"),
                lambda: self._listed("bare"),
            ),
            Case(f"apply, {NODES} nodes", loop, 8, self._many_nodes, self._shell_loop, "at least", heavy=True),
            *self._chosen_from(MANY, letter=1.3, megabytes=25),
            *self._chosen_from(HUGE, letter=2, megabytes=125),
            *self._idle(),
        ]

    def _idle(self) -> list[Case]:
        """What is promised of nodes that do nothing but ping, and of the control plane they are connected to."""
        idle = Idle(OURS, self.scratch, self._env, self._minutes)
        nodes, after = f"{IDLE_NODES} idle nodes", f"MB after {self._minutes:g} min"

        def case(what: str, against: str, target: float, ours: Callable[[], float], peer: Callable[[], float]) -> Case:
            return Case(
                f"{nodes}, {what}", against, target, lambda: [ours()], lambda: [peer()], "at most more", once=True
            )

        return [
            case("% of one core", "none", 5, lambda: 100 * idle.cost.share, lambda: 0),
            case(after, "when all had pinged", 1, lambda: idle.cost.after, lambda: idle.cost.before),
        ]

    def _chosen_from(self, count: int, *, letter: float, megabytes: float) -> list[Case]:
        """What is promised of a region with so many control planes, held against one with few."""
        planes = Planes(lambda more: Terminal((OURS,), env={**self._env, **more}, cwd=str(self.scratch)))
        named, against = f"{count:,} control planes", f"{FEW} of them"

        def case(what: str, target: float, measure: Callable[[int], Samples], **more: object) -> Case:
            return Case(
                f"{named}, {what}",
                against,
                target,
                lambda: measure(count),
                lambda: measure(FEW),
                heavy=True,
                **more,  # type: ignore[arg-type]
            )

        cases = [
            case("letter", letter, planes.sifted, statistic=p95),
            case("MB", megabytes, planes.memory, bound="at most more"),
        ]
        return [case("first rows", 1.5, planes.first_rows), *cases] if count == MANY else cases

    # ---- whole processes

    def _run(self, *command: str) -> Samples:
        """Time a process from before its start to after its end; it has to succeed."""
        start = time.perf_counter()
        run = subprocess.run(command, cwd=self.scratch, env=self._env, capture_output=True, text=True, check=False)
        took = time.perf_counter() - start
        if run.returncode:
            raise SystemExit(f"{' '.join(command[:3])} ended with {run.returncode}:\n{run.stderr}")
        return [took]

    def _pass(self) -> Samples:
        return self._run(PYTHON, "-c", "pass")

    def _imports(self) -> Samples:
        return self._run(PYTHON, "-c", ONLY_IMPORTS)

    def _imports_x509(self) -> Samples:
        return self._run(PYTHON, "-c", "import cryptography.x509")

    @cached_property
    def _pair(self) -> tuple[str, str]:
        """A certificate and its key, as two files."""
        certificate, key = (str(self.scratch / f"pair.{ending}") for ending in ("crt", "key"))
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")
        self._run("openssl", "req", "-x509", *curve, "-subj", "/CN=pair", "-keyout", key, "-out", certificate)
        return certificate, key

    def _inspect(self) -> Samples:
        return self._run(OURS, "inspect", *self._pair)

    def _served(self) -> Samples:
        """Process start until the organisation says where it is; it is there from then on. The first round makes it."""
        command = (OURS, "training", "serve", "--json")
        start = time.perf_counter()
        with subprocess.Popen(command, cwd=self.scratch, env=self._env, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            told = server.stdout.readline()
            took = time.perf_counter() - start
            server.terminate()
        if not told or not json.loads(told)["ok"]:
            raise SystemExit(f"training serve did not get ready: {told}")
        return [took]

    def _apply(self, template: str) -> Samples:
        self._round += 1
        bundle = f"bench-{self._round}"
        answers = self.scratch / f"{bundle}.toml"
        answers.write_text(template.format(bundle=bundle, nodes=NODES))
        return self._run(OURS, "apply", str(answers), "--workspace", str(self.scratch / "workspace"))

    def _one_node(self) -> Samples:
        return self._apply(ONE_NODE)

    def _disturb(self) -> None:
        if self._disturbed:
            junk = self.scratch / "junk"
            for number in range(2500):
                (junk / str(number)).mkdir(parents=True)
                for name in ("a", "b"):
                    (junk / str(number) / name).write_bytes(b"x" * 900)
            shutil.rmtree(junk)

    def _many_nodes(self) -> Samples:
        self._disturb()
        return self._apply(MANY_NODES)

    def _shell_loop(self) -> Samples:
        self._disturb()
        self._round += 1
        folder = self.scratch / f"loop-{self._round}"
        folder.mkdir()
        script = f"cd '{folder}'\n{SHELL_LOOP}"
        [took] = self._run("sh", "-c", script, "sh", str(self.leaves))
        return [took * NODES / self.leaves]

    # ---- with a Konnect that has no latency

    @cached_property
    def _konnect(self) -> tuple[str, str]:
        """Address and token of a stand-in in a process of its own, that ends with this one."""
        command = [PYTHON, str(HERE.parent / "tests" / "fake_konnect"), "--planes", str(CONTROL_PLANES)]
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._server.stdout is not None
        ready = json.loads(self._server.stdout.readline())
        return ready["url"], ready["token"]

    def _listed(self, side: str) -> Samples:
        command = [PYTHON, "-m", "benchmarks.listing", side, *self._konnect, "5"]
        run = subprocess.run(command, cwd=HERE.parent, env=self._env, capture_output=True, text=True, check=True)
        return [float(line) for line in run.stdout.split()]

    # ---- on a terminal

    _bare = (PYTHON, str(HERE / "bare.py"))

    def _open(self, *command: str) -> Terminal:
        return Terminal(command, env=self._env, cwd=str(self.scratch))

    @cached_property
    def _pages(self) -> dict[tuple[str, ...], Page]:
        return {}

    def _first_page(self, command: tuple[str, ...]) -> Page:
        """What a program shows when it has gone quiet, seen once beforehand."""
        if command not in self._pages:
            with self._open(*command) as terminal:
                terminal.settle(0.6)
                self._pages[command] = terminal.page()
        return self._pages[command]

    def _ready(self, *command: str) -> float:
        """Process start until the first page is complete, and until it has shown that it takes a key.

        The second is the time of Tab pressed then, which moves the focus: a key that turned the page would add
        the next page to the first. The time this terminal needs for drawing is left out.
        """
        page = self._first_page(command)
        with self._open(*command) as terminal:
            return terminal.wait_for(page) + terminal.answered("tab")

    def _pressed(self, *command: str) -> Samples:
        """Key to the first byte of the answer, up and down in the list of the wizard's second page."""
        with self._open(*command) as terminal:
            terminal.settle(0.6)
            terminal.press("enter")
            terminal.settle(0.6)
            samples = []
            for count in range(self.keys):
                samples.append(terminal.press("up" if count % 2 else "down"))
                terminal.settle(0.08)
            return samples
