"""The Docker daemon that runs nothing, and commands that do not wait, for tests of the written scripts."""

from collections.abc import Iterator
from pathlib import Path

import docker_stub
import pytest

from programs import needs


@pytest.fixture
def daemon() -> Iterator[docker_stub.Stub]:
    """A Docker daemon that runs nothing; a request it does not know fails the test."""
    needs("docker")
    with docker_stub.serve() as stub:
        yield stub
    assert stub.unexpected == []


@pytest.fixture
def quick(tmp_path: Path) -> Path:
    """A folder for the front of PATH in which `sleep` does not wait and curl answers as a ready node would."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, body in {"sleep": ":", "curl": 'printf \'{"message":"ready"} (200)\''}.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    return folder
