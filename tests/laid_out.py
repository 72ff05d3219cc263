"""A bundle's scripts and what they need, on disk, and a way to run them against the daemon of `docker_stub`."""

import os
import subprocess
from pathlib import Path

import docker_stub
import samples

from konnect_tui.plan import Plan
from konnect_tui.platforms import platform

ME = f"{os.getuid()}:{os.getgid()}" if os.getuid() else "0:0"
"""Whom a node runs as when the tests' user owns the keys."""


def lay(root: Path, plan: Plan, *, owner: int | None = None) -> Path:
    """The bundle in `root`, with the files of its platforms and placeholders for keys; all of it given to `owner`."""
    bundle = root / plan.bundle
    for key in plan.platforms:
        for path, file in platform(key).render(plan, samples.material(plan)).items():
            target = bundle / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.data)
            target.chmod(file.mode)
    for node in plan.nodes:
        folder = bundle / "nodes" / node.name
        folder.mkdir(parents=True)
        for name, mode in (("tls.crt", 0o644), ("tls.key", 0o600)):
            (folder / name).write_text("placeholder\n")
            (folder / name).chmod(mode)
    for folder in ("state", "trust"):
        (bundle / folder).mkdir()
    for found in (bundle, *bundle.rglob("*")):
        if found.is_dir():
            found.chmod(0o700)
        if owner is not None:
            os.chown(found, owner, owner)
    return bundle


def run(
    daemon: docker_stub.Stub, quick: Path, script: Path, *arguments: str, before: tuple[str, ...] = (), **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run a script against the daemon, `quick` in front of PATH; its output is text."""
    home = quick.parent / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [*before, str(script), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": f"{quick}:{os.environ['PATH']}", "HOME": str(home), **daemon.environ, **environ},
    )
