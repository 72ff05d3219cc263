"""`apply` with a control plane of a Konnect account: found, never guessed; given its certificates; remembered."""

import re
from hashlib import sha256
from pathlib import Path

from live_answers import PINNED, manifest_of
from running import Apply

from fake_konnect import FakeKonnect
from konnect_tui.pki.read import certificates_of

README = Path(__file__).parents[2] / "README.md"


def test_a_bundle_is_made_and_given_to_konnect(apply: Apply, konnect: FakeKonnect, workspace: Path) -> None:
    """One command makes the bundle with the endpoints Konnect named, and uploads exactly `upload/`."""
    plane = konnect.add_control_plane("eu", "payments")
    made = apply(PINNED)
    assert made.code == 0, made.out + made.err
    bundle = workspace / "payments-eu"
    held = konnect.certificates[plane["id"]]
    assert [certificates_of(each["cert"].encode()) for each in held] == [
        certificates_of((bundle / "upload" / f"edge-{number}.crt").read_bytes()) for number in (1, 2)
    ]
    assert made.document["upload"] == [
        {
            "file": f"upload/edge-{number}.crt",
            "sha256": sha256(certificates_of(each["cert"].encode())[0]).hexdigest(),
            "state": "done",
            "id": each["id"],
        }
        for number, each in zip((1, 2), held, strict=True)
    ]
    end = manifest_of(bundle)["not_after"]
    assert [each["title"] for each in held] == [f"payments-eu edge-{n} until {end:%Y-%m-%d}" for n in (1, 2)]
    host = plane["config"]["control_plane_endpoint"].removeprefix("https://")
    assert f"{host}:443" in (bundle / "docker" / "edge-1" / "kong.env").read_text()
    assert "derived" not in (bundle / "README.md").read_text()


def test_the_bundle_remembers_whose_it_is(apply: Apply, konnect: FakeKonnect, workspace: Path) -> None:
    """The manifest has control plane, region, organisation and the ids of uploads; applied again all stays."""
    plane = konnect.add_control_plane("eu", "payments")
    apply(PINNED)
    own = workspace / "payments-eu" / "konnect-tui.toml"
    manifest = manifest_of(workspace / "payments-eu")
    assert manifest["konnect"] == {
        "id": plane["id"],
        "region": "eu",
        "organization": konnect.organization["id"],
        "organization_name": "Acme Co.",
    }
    assert [each["id"] for each in manifest["uploads"]] == [each["id"] for each in konnect.certificates[plane["id"]]]
    before = own.read_bytes()
    again = apply(PINNED)
    assert (again.code, again.document["changed"]) == (0, [])
    assert [each["state"] for each in again.document["upload"]] == ["present", "present"]
    assert own.read_bytes() == before
    assert len(konnect.asked("POST", "/dp-client-certificates")) == 2


def test_the_readmes_answers_work(apply: Apply, konnect: FakeKonnect) -> None:
    """What the README writes for a Konnect account makes a bundle and uploads it."""
    section = re.search(r"```toml\n(\[control_plane\]\nsource = \"konnect\".+?)```", README.read_text(), re.DOTALL)
    assert section is not None
    konnect.add_control_plane("eu", "edge")
    made = apply(f"schema = 1\n{section[1]}")
    assert [row["state"] for row in made.document["upload"]] == ["done"]
