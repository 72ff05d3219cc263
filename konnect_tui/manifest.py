"""What a bundle remembers of itself: the `[manifest]` behind the answers in its `konnect-tui.toml`.

It keeps what defaults once resolved to, so that a newer product alone changes nothing, and the digest and
mode of every file, so that an edited one is told from an outdated one. It holds no secret.
"""

import os
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec.structs import replace

from konnect_tui import __version__, answers
from konnect_tui.bundle import Files
from konnect_tui.certificate_files import certificate_files
from konnect_tui.draft import Draft, NodeOverride
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.endpoint import SYSTEM_TRUST, Endpoint
from konnect_tui.plan import SHARED, Plan

NAME: Final = "konnect-tui.toml"
TRUST: Final = "trust/control-plane-ca.crt"
CA: Final = "upload/ca.crt"
"""The operator's CA, as Konnect is given it."""


class KeptEndpoint(msgspec.Struct, frozen=True):
    """One connection as it was resolved. `derived` says that no one gave this host, it was worked out."""

    address: str
    server_name: str
    derived: bool


class KeptCertificate(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One certificate, of a node or of a CA (its file's stem). `sha256` is over DER, `serial` hexadecimal."""

    node: str = ""
    authority: str = ""
    sha256: str
    serial: str
    not_after: datetime


class KeptFile(msgspec.Struct, frozen=True):
    """A file as it was written. `mode` is octal text, `0600`."""

    mode: str
    sha256: str


Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time that says its offset."""
Release = Annotated[str, msgspec.Meta(pattern=r"^\d{1,4}(\.\d{1,4}){3}$")]
"""A gateway release in full, X.Y.Z.P."""
Ports = Annotated[str, msgspec.Meta(pattern=r"^\d{1,5}( \d{1,5})*$")]
"""A node's ports on a shared host: http, https, status, then stream."""
Written = Annotated[str, msgspec.Meta(pattern=r"^0[0-7]{3} [0-9a-f]{64}$")]
"""A file's mode and SHA-256 as it was written. One line each: a thousand nodes have thousands."""


class KeptUpload(msgspec.Struct, frozen=True, omit_defaults=True):
    """A certificate for Konnect, and the id Konnect gave it once it had it."""

    file: str
    sha256: str
    id: str = ""


class KeptKonnect(msgspec.Struct, frozen=True, omit_defaults=True):
    """The control plane in Konnect that the bundle is for, by id, and the organisation it belongs to."""

    id: str
    region: str
    organization: str
    organization_name: str = ""


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """The `[manifest]` table. `product` and `gateway` are versions; times are UTC.

    `nodes` and `files` are by name and by path. `pending` are those whose certificate was requested and has not come
    yet, by node name or `shared`. `answers` are the answers as they were applied: those above
    the manifest are the operator's to edit. `konnect` is None where no account was ever asked.
    """

    product: str
    gateway: Release
    image: str
    control_plane: KeptEndpoint
    telemetry: KeptEndpoint
    not_after: Moment
    ca_not_after: Moment
    nodes: Mapping[str, Ports]
    certificates: tuple[KeptCertificate, ...]
    uploads: tuple[KeptUpload, ...]
    files: Mapping[str, Written]
    answers: Mapping[str, Any]
    pending: tuple[str, ...] = ()
    konnect: KeptKonnect | None = None

    @property
    def recorded(self) -> dict[str, KeptFile]:
        """The files by path."""
        return {path: KeptFile(written[:4], written[5:]) for path, written in self.files.items()}

    @property
    def host_ports(self) -> dict[str, tuple[int, ...]]:
        """Each node's ports on a shared host."""
        return {name: tuple(map(int, ports.split())) for name, ports in self.nodes.items()}


class Kept(msgspec.Struct, frozen=True):
    """A bundle's own `konnect-tui.toml`: the answers as they stand there now, and what it remembers.

    `draft` are the answers it was made from; `standing` differs from it when the operator edited the file.
    """

    draft: Draft
    standing: Draft
    manifest: Manifest


def read(path: str) -> Kept:
    """Read a bundle's `konnect-tui.toml`. Raises `manifest-damaged` where it has no whole manifest."""
    found = answers.read_file(path)
    if found.manifest is None:
        message = f"{path} has no [manifest]: it is an answers file, not a bundle's own copy."
        raise KonnectError("manifest-damaged", message)
    try:
        manifest = msgspec.convert(found.manifest, Manifest)
    except msgspec.ValidationError as fault:
        raise KonnectError("manifest-damaged", f"The [manifest] of {path} is damaged: {fault}.") from None
    made_from = answers.from_table(manifest.answers, base=os.path.dirname(os.path.abspath(path)))
    if made_from.problems:
        message = f"The [manifest] of {path} is damaged: {made_from.problems[0].message}"
        raise KonnectError("manifest-damaged", message)
    return Kept(made_from.draft, found.draft, manifest)


def make(
    plan: Plan,
    files: Files,
    certificates: tuple[KeptCertificate, ...],
    uploads: tuple[KeptUpload, ...],
    konnect: KeptKonnect | None = None,
) -> Manifest:
    """The manifest of a bundle that holds these files."""
    return Manifest(
        product=__version__,
        gateway=plan.version,
        image=plan.image,
        control_plane=_endpoint(plan.control_plane.config),
        telemetry=_endpoint(plan.control_plane.telemetry),
        not_after=plan.certificate.not_after,
        ca_not_after=plan.certificate.ca_not_after,
        nodes={node.name: " ".join(map(str, node.host_ports)) for node in plan.nodes},
        certificates=certificates,
        uploads=uploads,
        files={path: f"{file.mode:04o} {file.digest}" for path, file in sorted(files.items())},
        answers=answers.to_table(own_answers(plan)),
        pending=plan.certificate.pending,
        konnect=konnect,
    )


def own_answers(plan: Plan, folder: str = "") -> Draft:
    """The answers as a bundle's own copy holds them: what was taken into the bundle is named by its place there.

    That is the trust point, imported certificates and keys, and signed requests. `folder` is the bundle's, where
    absolute paths are wanted.
    """
    draft = plan.draft
    trusted = draft.control_plane.trusted_ca
    if trusted is not None and trusted != SYSTEM_TRUST:
        draft = replace(draft, control_plane=replace(draft.control_plane, trusted_ca=os.path.join(folder, TRUST)))
    match plan.certificate.source:
        case "import":
            return _with_imports(draft, plan, folder)
        case "csr":
            return replace(draft, certificate=replace(draft.certificate, signed=_signed(plan, folder)))
    return draft


def _with_imports(draft: Draft, plan: Plan, folder: str) -> Draft:
    places = {files.where: _node_of(plan, name) for name, files in certificate_files(draft).items()}
    told = draft.certificate
    above = os.path.join(folder, CA) if plan.certificate.upload == "ca" else None
    certificate, key = _pair(places["certificate"], folder) if "certificate" in places else (None, None)
    each = tuple(
        _with_pair(each, folder) if f"node.each[{at}]" in places else each
        for at, each in enumerate(draft.node.each or ())
    )
    own = replace(told, certificate=certificate, private_key=key, chain=above, passphrase_file=None)
    return replace(draft, certificate=own, node=replace(draft.node, each=each or None))


def _with_pair(each: NodeOverride, folder: str) -> NodeOverride:
    certificate, key = _pair(each.name, folder)
    return replace(each, certificate=certificate, private_key=key)


def _pair(node: str, folder: str) -> tuple[str, str]:
    return os.path.join(folder, f"nodes/{node}/tls.crt"), os.path.join(folder, f"nodes/{node}/tls.key")


def _node_of(plan: Plan, identity: str) -> str:
    """A node that has that identity's files."""
    return plan.nodes[0].name if identity == SHARED else identity


def _signed(plan: Plan, folder: str) -> tuple[str, ...] | None:
    """Where the signed certificates lie that have come."""
    pending = plan.certificate.pending
    identities = dict.fromkeys(plan.identity(node.name) for node in plan.nodes)
    arrived = [_pair(_node_of(plan, name), folder)[0] for name in identities if name not in pending]
    return tuple(arrived) or None


def dumps(manifest: Manifest) -> str:
    """The text of `konnect-tui.toml`: the answers, then the manifest."""
    kept: Mapping[str, Any] = msgspec.to_builtins(manifest, builtin_types=(datetime, date))
    return _HEAD + answers.text_of({**manifest.answers, "manifest": kept})


def _endpoint(endpoint: Endpoint) -> KeptEndpoint:
    return KeptEndpoint(endpoint.address, endpoint.sni, endpoint.derived)


_HEAD: Final = """\
# The answers this bundle was made from. Edit them and run `konnect-tui apply` on this file.
# [manifest] is what konnect-tui remembers of the bundle: it is not read as answers. No secret is in here.

"""
