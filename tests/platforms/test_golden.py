"""What each platform writes, byte by byte, for a pinned and a PKI bundle.

A new platform fails here until its files are recorded, looked at and committed:
`KONNECT_TUI_RECORD_GOLDEN=1 pytest tests/platforms/test_golden.py -k NAME`. So does every change of a file.
"""

import os
from pathlib import Path

import pytest
import samples
from msgspec.structs import replace

from konnect_tui.bundle import PUBLIC_MODE, SCRIPT_MODE, SECRET_MODE
from konnect_tui.pki.material import Identity, Material, NodeMaterial
from konnect_tui.platforms import available, options_of, platform
from konnect_tui.secret import Secret

GOLDEN = Path(__file__).parents[1] / "golden"
RECORD = "KONNECT_TUI_RECORD_GOLDEN"
IN_TRAINING = ("docker", "compose")
"""Platforms whose containers could not reach the host's loopback, where the embedded organisation listens."""
CASES = [(key, mode) for key in available() for mode in samples.PLANS] + [(key, "training") for key in IN_TRAINING]


def plan_of(key, mode):
    """The sample plan of one authentication mode, or that for a training organisation, for one platform."""
    plan = samples.training() if mode == "training" else samples.PLANS[mode]()
    return replace(plan, platforms={key: options_of(key, {})})


def rendered(key, mode):
    """The files of one platform for the sample plan of one authentication mode."""
    plan = plan_of(key, mode)
    return platform(key).render(plan, samples.material(plan))


def modes(files):
    """A line per file, as the golden folder keeps them: git itself knows only whether a file is executable."""
    return "".join(f"{file.mode:04o} {path}\n" for path, file in sorted(files.items()))


def record(folder, files):
    """Put the files into the golden folder in place of what was there."""
    for old in sorted(folder.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() else old.unlink()
    for path, file in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(file.data)
        (folder / path).chmod(SCRIPT_MODE if file.mode == SCRIPT_MODE else PUBLIC_MODE)
    (folder / "modes.txt").write_text(modes(files))


@pytest.mark.parametrize(("key", "mode"), CASES, ids=lambda value: value)
def test_a_platform_writes_what_was_recorded(key, mode):
    """Every file has the bytes and the mode that somebody has looked at; there is none more and none less."""
    files, folder = rendered(key, mode), GOLDEN / key / mode
    if os.environ.get(RECORD):
        record(folder, files)
    assert folder.is_dir(), f"nothing is recorded for {key}, {mode}: see the top of this file"
    kept = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert kept.pop("modes.txt").decode() == modes(files)
    assert sorted(kept) == sorted(files)
    for path, file in files.items():
        assert file.data == kept[path], f"{path} is not what was recorded"


@pytest.mark.parametrize(("key", "mode"), CASES, ids=lambda value: value)
def test_the_same_plan_gives_the_same_bytes(key, mode):
    """Nothing random, no clock and no order of a set is in what a platform writes."""
    assert rendered(key, mode) == rendered(key, mode)


@pytest.mark.parametrize(("key", "mode"), CASES, ids=lambda value: value)
def test_a_platform_keeps_to_its_own_folder(key, mode):
    """Paths stay inside the platform's folder, names need no quoting, and modes are the bundle's."""
    for path, file in rendered(key, mode).items():
        assert path.startswith(f"{key}/")
        assert not {"", ".", ".."} & set(path.split("/"))
        assert path.isascii()
        assert " " not in path
        assert file.mode in (PUBLIC_MODE, SCRIPT_MODE, SECRET_MODE)


@pytest.mark.parametrize(("key", "mode"), CASES, ids=lambda value: value)
def test_no_key_is_in_what_a_platform_writes(key, mode):
    """A private key is in nodes/ and nowhere else."""
    plan = plan_of(key, mode)
    mark = b"MARKED-PRIVATE-KEY"
    plain = samples.material(plan)
    marked = Material(
        {name: NodeMaterial(Identity(node.current.chain, Secret(mark))) for name, node in plain.nodes.items()},
        tuple(replace(authority, key=Secret(mark)) for authority in plain.authorities),
        plain.uploads,
    )
    for path, file in platform(key).render(plan, marked).items():
        assert mark not in file.data, path


def test_nothing_is_recorded_for_a_platform_that_is_gone():
    """A golden folder belongs to a platform that exists, or else to what others hold (test_runbook, test_drawings)."""
    assert {path.name for path in GOLDEN.iterdir() if path.is_dir()} <= {*available(), "bundle", "chains"}
