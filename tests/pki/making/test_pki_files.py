import samples
from msgspec.structs import replace

from konnect_tui.bundle import PUBLIC_MODE, SECRET_MODE
from konnect_tui.pki.making.files import render
from konnect_tui.pki.material import Identity, NodeMaterial
from konnect_tui.secret import Secret


def test_pinned_bundle_has_these_files() -> None:
    """Pinned: chain and key for each node, and its leaf to upload."""
    plan = samples.pinned()
    files = render(plan, samples.material(plan))
    assert {path: file.mode for path, file in files.items()} == {
        "nodes/edge-1/tls.crt": PUBLIC_MODE,
        "nodes/edge-1/tls.key": SECRET_MODE,
        "nodes/edge-2/tls.crt": PUBLIC_MODE,
        "nodes/edge-2/tls.key": SECRET_MODE,
        "upload/edge-1.crt": PUBLIC_MODE,
        "upload/edge-2.crt": PUBLIC_MODE,
    }


def test_pki_bundle_has_these_files() -> None:
    """PKI: the CAs and their keys beside the nodes, one upload, and the trust point where there is one."""
    plan = samples.pki()
    files = render(plan, samples.material(plan))
    others = {path: file.mode for path, file in files.items() if not path.startswith("nodes/")}
    assert others == {
        "ca/root.crt": PUBLIC_MODE,
        "ca/root.key": SECRET_MODE,
        "ca/intermediate-1.crt": PUBLIC_MODE,
        "ca/intermediate-1.key": SECRET_MODE,
        "upload/root.crt": PUBLIC_MODE,
        "trust/control-plane-ca.crt": PUBLIC_MODE,
    }
    assert files["nodes/pay-1/tls.crt"].data.count(b"BEGIN CERTIFICATE") == 2
    assert files["trust/control-plane-ca.crt"].data.decode() == samples.TRUST_PEM


def test_same_input_same_bytes() -> None:
    """Rendering twice gives the same files."""
    plan = samples.pki()
    material = samples.material(plan)
    assert render(plan, material) == render(plan, material)


def test_generations_and_requests_lie_beside() -> None:
    """During a renewal, and while a request is pending, the node's folder holds what there is."""
    plan = samples.pinned()
    material = samples.material(plan)
    node = NodeMaterial(
        current=Identity((), Secret(b"k"), b"request"), next=Identity((b"n",), Secret(b"n")), previous=Identity((b"p",))
    )
    files = render(plan, replace(material, nodes={"edge-1": node}, uploads=()))
    assert sorted(files) == [
        "nodes/edge-1/next/tls.crt",
        "nodes/edge-1/next/tls.key",
        "nodes/edge-1/previous/tls.crt",
        "nodes/edge-1/tls.csr",
        "nodes/edge-1/tls.key",
    ]
