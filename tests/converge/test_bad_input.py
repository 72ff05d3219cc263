"""Bad input is a clear error: field, code, exit status, nothing written."""

from pathlib import Path

import pytest
from running import PINNED, run


def _node(text: str) -> str:
    return PINNED + text


@pytest.mark.parametrize(
    ("text", "field", "code"),
    [
        (PINNED.replace('region = "eu"', 'region = "EU"'), "control_plane.region", "unknown-value"),
        (PINNED.replace("pinned", "pined"), "control_plane.auth_mode", "unknown-value"),
        (PINNED + '[gateway]\nversion = "3.99"\n', "gateway.version", "unknown-version"),
        (_node('[output]\nplatforms = ["doker"]\n'), "output.platforms[0]", "unknown-value"),
        (_node('[platform.docker]\nbind_adress = "x"\n'), "platform.docker.bind_adress", "unknown-key"),
        (_node('[node]\nnames = ["a", "a"]\n'), "node.names[1]", "duplicate"),
        (_node('[node]\nnames = ["A"]\n'), "node.names[0]", "bad-name"),
        (
            _node(
                '[node]\nnames=["a","b"]\n[[node.each]]\nname="a"\nhttp_port=9000\n[[node.each]]\nname="b"\nhttp_port=9000\n'
            ),
            "node.each[1].http_port",
            "port-clash",
        ),
        (
            PINNED.replace('prefix = "acfe5f253f"', 'endpoint = "https://acfe5f253f.us.cp.konghq.com"'),
            "control_plane.endpoint",
            "region-mismatch",
        ),
        (PINNED.replace("manual", "training"), "control_plane.prefix", "not-applicable"),
        (PINNED.replace("manual", "konnect"), "control_plane.prefix", "not-applicable"),
    ],
)
def test_a_fault_is_named(text: str, field: str, code: str, tmp_path: Path) -> None:
    """Each fault names its key and code, exits 2 and makes nothing, not even a workspace."""
    file = tmp_path / "answers.toml"
    file.write_text(text)
    for options in ((), ("--dry-run",)):
        refused = run("apply", file, "--workspace", tmp_path / "dp", "--json", *options)
        assert refused.code == 2
        assert refused.document["error"]["code"] == "invalid-input"
        assert (field, code) in refused.codes(), refused.codes()
        assert not (tmp_path / "dp").exists()


def test_a_host_outside_konnect_is_a_warning(tmp_path: Path) -> None:
    """A control plane elsewhere is loudly warned of, and made."""
    file = tmp_path / "answers.toml"
    file.write_text(
        PINNED.replace(
            'prefix = "acfe5f253f"',
            'endpoint = "https://cp.example.test:8005"\ntelemetry_endpoint = "https://cp.example.test:8006"',
        )
    )
    made = run("apply", file, "--workspace", tmp_path / "dp", "--json")
    assert made.code == 0, made.out
    assert ("control_plane.endpoint", "not-a-konnect-host") in made.codes("warning")


@pytest.mark.parametrize("kind", ["file", "symlink", "folder"])
def test_what_stands_in_the_way_stays(kind: str, tmp_path: Path) -> None:
    """Something else where the bundle would go is exit 2, and is left as it is."""
    file = tmp_path / "answers.toml"
    file.write_text(PINNED)
    place = tmp_path / "dp" / "payments-eu"
    place.parent.mkdir(mode=0o700)
    if kind == "file":
        place.write_text("mine")
    elif kind == "symlink":
        place.symlink_to(tmp_path)
    else:
        place.mkdir()
        (place / "mine").write_text("mine")
    for options in ((), ("--dry-run",), ("--replace",)):
        refused = run("apply", file, "--workspace", tmp_path / "dp", "--json", *options)
        assert refused.code == 2
        expected = {"file": "file-in-the-way", "symlink": "symlink-in-the-way", "folder": "not-a-bundle"}[kind]
        assert refused.document["error"]["code"] == expected
    assert place.is_symlink() if kind == "symlink" else place.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "--within", "30d"),
        ("doctor", "x", "--support", "y"),
        ("apply", "x", "--plan-out", "a"),
    ],
)
def test_what_is_not_built_yet_says_so(arguments: tuple[str, ...]) -> None:
    """A command or option that is known and not built answers exit 2 and `not-available-yet`."""
    answered = run(*arguments, "--json")
    assert (answered.code, answered.document["error"]["code"]) == (2, "not-available-yet")


def test_wrong_usage_is_json_too() -> None:
    """With --json even a wrong command line is one document."""
    answered = run("aply", "--json")
    assert (answered.code, answered.document["error"]["code"]) == (2, "usage")


def test_a_bundle_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A BUNDLE that is neither a folder nor a name is exit 2."""
    for command in ("verify", "rehearse"):
        answered = run(command, "nope", "--workspace", tmp_path, "--json")
        assert (answered.code, answered.document["error"]["code"]) == (2, "no-such-bundle")


def _edited_memory(tmp_path: Path, found: str, written: str) -> Path:
    """A bundle whose [manifest] somebody edited, and the answers file it was made from."""
    file = tmp_path / "answers.toml"
    file.write_text(PINNED)
    assert run("apply", file, "--workspace", tmp_path).code == 0
    own = tmp_path / "payments-eu" / "konnect-tui.toml"
    head, mark, memory = own.read_text().partition("\n[manifest]\n")
    assert found in mark + memory
    own.write_text(head + (mark + memory).replace(found, written))
    return file


@pytest.mark.parametrize(
    ("found", "written"),
    [
        ('gateway = "3.14.0.13"', 'gateway = "latest"'),
        ("+00:00", ""),
        ('"8000 8443 8100"', '"many"'),
        ("[manifest]", "[manifests]"),
        ("[manifest.answers]", "[manifest.answer]"),
        ('auth_mode = "pinned"', "auth_mode = 1"),
    ],
)
def test_a_memory_that_cannot_be_relied_on_is_refused(found: str, written: str, tmp_path: Path) -> None:
    """What somebody made of a bundle's [manifest] is exit 2 where it says nothing any more, and never a crash."""
    file = _edited_memory(tmp_path, found, written)
    for options in ((), ("--dry-run",), ("--replace",)):
        refused = run("apply", file, "--workspace", tmp_path, "--json", *options)
        assert (refused.code, refused.document["error"]["code"]) == (2, "manifest-damaged")


@pytest.mark.parametrize(
    ("found", "written"),
    [
        ('auth_mode = "pinned"', 'auth_mode = "pined"'),
        ('auth_mode = "pinned"', ""),
        ('prefix = "acfe5f253f"', 'prefix = "."'),
        ('prefix = "acfe5f253f"', 'prefix = "acfe5f253f"\n[manifest.answers.node]\nnames = ["a{1.."]'),
        ('prefix = "acfe5f253f"', 'prefix = "acfe5f253f"\n[manifest.answers.output]\nplatforms = ["nope"]'),
    ],
)
def test_recorded_answers_that_no_longer_hold_are_replaced_by_those_that_do(
    found: str, written: str, tmp_path: Path
) -> None:
    """Answers in [manifest] that this release would refuse only count as other answers: the files decide."""
    file = _edited_memory(tmp_path, found, written)
    done = run("apply", file, "--workspace", tmp_path, "--json")
    assert (done.code, done.document["changed"]) == (0, ["konnect-tui.toml"])
    assert run("apply", file, "--workspace", tmp_path, "--json").document["changed"] == []
