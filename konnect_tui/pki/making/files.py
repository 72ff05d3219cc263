"""The files of a bundle that hold keys and certificates: `nodes/`, `ca/`, `upload/`, `trust/`."""

from collections.abc import Iterable, Iterator, Mapping

from konnect_tui.bundle import File, Files, secret
from konnect_tui.konnect.endpoint import SYSTEM_TRUST
from konnect_tui.pki.material import Identity, Material, NodeMaterial, Upload
from konnect_tui.pki.pem import certificate_pem
from konnect_tui.plan import Plan


def render(plan: Plan, material: Material) -> Files:
    """Every key as a 0600 file, every certificate as clean PEM, by path in the bundle."""
    files = certificates(material.nodes, material.uploads)
    for authority in material.authorities:
        files[f"ca/{authority.name}.crt"] = File(certificate_pem(authority.certificate))
        if authority.key is not None:
            files[f"ca/{authority.name}.key"] = secret(authority.key.reveal())
    if plan.control_plane.config.trust != SYSTEM_TRUST:
        files["trust/control-plane-ca.crt"] = File(plan.control_plane.config.trust.encode())
    return files


def certificates(nodes: Mapping[str, NodeMaterial], uploads: Iterable[Upload]) -> dict[str, File]:
    """The files of `nodes/` and `upload/`."""
    files: dict[str, File] = {}
    behind: dict[bytes, bytes] = {}
    for name, node in nodes.items():
        for folder, identity in (("", node.current), ("next/", node.next), ("previous/", node.previous)):
            if identity is not None:
                files.update(_identity(f"nodes/{name}/{folder}", identity, behind))
    for upload in uploads:
        files[f"upload/{upload.name}"] = File(certificate_pem(upload.certificate))
    return files


def _identity(folder: str, identity: Identity, behind: dict[bytes, bytes]) -> Iterator[tuple[str, File]]:
    """`behind` remembers the PEM of intermediates, which a thousand nodes may share."""
    if identity.chain:
        chain = _chain(identity.chain, behind)
        yield f"{folder}tls.crt", File(b"".join(chain))
    if identity.key is not None:
        yield f"{folder}tls.key", secret(identity.key.reveal())
    if identity.csr is not None:
        yield f"{folder}tls.csr", File(identity.csr)


def _chain(chain: tuple[bytes, ...], behind: dict[bytes, bytes]) -> Iterable[bytes]:
    yield certificate_pem(chain[0])
    for der in chain[1:]:
        if der not in behind:
            behind[der] = certificate_pem(der)
        yield behind[der]
