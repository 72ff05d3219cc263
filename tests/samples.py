"""Plans and material that tests share: the same every time, made without a clock, a key or a draft's rules.

Keys are placeholders, not keys: what a renderer writes must not depend on them, and no key is in the
repository. Tests that need real ones make them with `konnect_tui.pki`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec.structs import replace

from konnect_tui.draft import Certificate, ControlPlane, Draft, Gateway, Node, NodeOverride, OptionValue, Output
from konnect_tui.konnect.endpoint import Endpoint
from konnect_tui.pki.material import Authority, Identity, Material, NodeMaterial, Upload
from konnect_tui.plan import Plan, PlannedCertificate, PlannedControlPlane, PlannedNode
from konnect_tui.secret import Secret

NOT_BEFORE = datetime(2026, 11, 22, 23, 55, tzinfo=UTC)
NOT_AFTER = datetime(2036, 11, 22, 23, 55, tzinfo=UTC)
TRUST_PEM = "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
HOST = "0123456789.eu.cp.konghq.com"
TELEMETRY_HOST = "0123456789.eu.tp.konghq.com"

Options = Mapping[str, Mapping[str, OptionValue]]


def node(
    name: str, index: int = 0, *, stream: tuple[int, ...] = (), labels: tuple[tuple[str, str], ...] = ()
) -> PlannedNode:
    """A node whose own ports are the defaults; on a shared host it is the `index`-th from there."""
    return PlannedNode(
        name=name,
        hostname=name,
        ports=(8000, 8443, 8100, *stream),
        host_ports=(8000 + index, 8443 + index, 8100 + index, *(port + index for port in stream)),
        labels=(("node", name), *labels),
    )


def pinned(platforms: Options | None = None) -> Plan:
    """Two pinned nodes with a key each, public trust, the default ports."""
    names = ("edge-1", "edge-2")
    chosen = platforms if platforms is not None else {"docker": {}}
    draft = Draft(
        control_plane=ControlPlane(
            source="manual", region="eu", name="Edge Europe", auth_mode="pinned", endpoint=f"https://{HOST}"
        ),
        gateway=Gateway(version="3.14"),
        node=Node(names=names),
        output=Output(bundle="edge-eu", platforms=tuple(chosen)),
        platform=chosen,
    )
    return Plan(
        draft=draft,
        bundle="edge-eu",
        slug="edge-eu-1a2b",
        control_plane=PlannedControlPlane(
            source="manual",
            name="Edge Europe",
            region="eu",
            auth_mode="pinned",
            config=Endpoint(host=HOST),
            telemetry=Endpoint(host=TELEMETRY_HOST, derived=True),
        ),
        certificate=_certificate(dict.fromkeys(names, "konnect-Edge Europe")),
        version="3.14.0.13",
        image="kong/kong-gateway:3.14.0.13",
        nodes=tuple(node(name, index) for index, name in enumerate(names)),
        parameters=(),
        platforms=chosen,
    )


def pki(platforms: Options | None = None) -> Plan:
    """Two PKI nodes under root and intermediate, with a trust file, paths in the endpoints, a stream port,
    labels and parameters that need care in every language they are written in.
    """
    labels = (("zone", "a.1"),)
    chosen = platforms if platforms is not None else {"docker": {}}
    parameters = (
        ("log_level", "info"),
        ("nginx_http_log_format", "show '$remote_addr # \"$request\"' \\n 100%"),
        ("headers", "off"),
    )
    draft = Draft(
        control_plane=ControlPlane(
            source="manual",
            region="eu",
            name="Payments [/x] $HOME",
            auth_mode="pki",
            endpoint="https://eu.svc.konghq.com/cp/0123456789",
            trusted_ca="/etc/ssl/inspection.pem",
        ),
        certificate=Certificate(intermediates=1, ca_key="encrypted", upload="root"),
        gateway=Gateway(version="3.10"),
        node=Node(
            names=("pay-{1..2}",),
            stream_ports=(9000,),
            labels=dict(labels),
            parameters=dict(parameters),
            each=(NodeOverride(name="pay-2", http_port=8080),),
        ),
        output=Output(bundle="payments-eu", platforms=tuple(chosen)),
        platform=chosen,
    )
    first, second = (node(f"pay-{i + 1}", i, stream=(9000,), labels=labels) for i in range(2))
    second = PlannedNode(
        name=second.name,
        hostname=second.hostname,
        ports=(8080, *second.ports[1:]),
        host_ports=(8080, *second.host_ports[1:]),
        labels=second.labels,
    )
    return Plan(
        draft=draft,
        bundle="payments-eu",
        slug="payments-eu-3c4d",
        control_plane=PlannedControlPlane(
            source="manual",
            name="Payments [/x] $HOME",
            region="eu",
            auth_mode="pki",
            config=Endpoint(host="eu.svc.konghq.com", path="/cp/0123456789", trust=TRUST_PEM),
            telemetry=Endpoint(host="eu.svc.konghq.com", path="/tp/0123456789", trust=TRUST_PEM, derived=True),
        ),
        certificate=_certificate(
            {name: f"{name}.Payments [/x] $HOME" for name in ("pay-1", "pay-2")}, intermediates=1, upload="root"
        ),
        version="3.10.0.17",
        image="kong/kong-gateway:3.10.0.17",
        nodes=(first, second),
        parameters=parameters,
        platforms=chosen,
    )


def requested() -> Plan:
    """Two nodes of a PKI control plane that wait for certificates they have requested, with hostile names."""
    plan = pki()
    said = replace(
        plan.certificate,
        source="csr",
        intermediates=0,
        upload="ca",
        subject=(("O", "Bits & Bobs #1"), ("OU", 'a "b" $HOME \\ `id`'), ("C", "DE")),
        sans=("DNS:edge.example", "IP:192.0.2.7", "URI:spiffe://x/y", "email:a@b.example"),
        pending=("pay-1", "pay-2"),
    )
    return replace(plan, certificate=said)


def live() -> Plan:
    """The pinned nodes, for the same control plane as Konnect told it."""
    plan = pinned()
    section = replace(plan.draft.control_plane, source="konnect", endpoint=None)
    told = replace(
        plan.control_plane,
        source="konnect",
        id="7f9fd312-a987-4628-b4c5-bb4f4fddd5f7",
        telemetry=Endpoint(host=TELEMETRY_HOST),
    )
    return replace(plan, draft=replace(plan.draft, control_plane=section), control_plane=told)


def training() -> Plan:
    """The pinned nodes, for a control plane of the embedded organisation."""
    plan = pinned()
    section = replace(plan.draft.control_plane, source="training", endpoint=None)
    told = replace(
        plan.control_plane,
        source="training",
        id="7f9fd312-a987-4628-b4c5-bb4f4fddd5f7",
        config=Endpoint("127.0.0.1", 8791, "/cp/0123456789", "0123456789.cp.training.localhost", TRUST_PEM),
        telemetry=Endpoint("127.0.0.1", 8791, "/tp/0123456789", "0123456789.tp.training.localhost", TRUST_PEM),
    )
    return replace(plan, draft=replace(plan.draft, control_plane=section), control_plane=told)


PLANS = {"pinned": pinned, "pki": pki}


def material(plan: Plan) -> Material:
    """Placeholders of the right shape for the plan: one identity per node, or one that all share."""
    intermediates = tuple(b"der of intermediate-%d" % number for number in range(plan.certificate.intermediates, 0, -1))
    shared = _identity("shared", intermediates)
    nodes = {
        item.name: NodeMaterial(shared if plan.shared else _identity(item.name, intermediates)) for item in plan.nodes
    }
    if plan.control_plane.auth_mode == "pki":
        authorities = (
            Authority("root", b"der of root", Secret(b"placeholder for the key of root\n")),
            *(
                Authority(
                    f"intermediate-{number}",
                    b"der of intermediate-%d" % number,
                    Secret(b"placeholder for the key of intermediate-%d\n" % number),
                )
                for number in range(1, plan.certificate.intermediates + 1)
            ),
        )
        return Material(nodes, authorities, (Upload("root.crt", b"der of root"),))
    names = ("shared",) if plan.shared else tuple(nodes)
    return Material(nodes, (), tuple(Upload(f"{name}.crt", f"der of {name}".encode()) for name in names))


def _identity(name: str, intermediates: tuple[bytes, ...]) -> Identity:
    chain = (f"der of {name}".encode(), *intermediates)
    return Identity(chain, Secret(f"placeholder for the key of {name}\n".encode()))


def _certificate(
    common_names: Mapping[str, str], *, intermediates: int = 0, upload: str = "leaf"
) -> PlannedCertificate:
    return PlannedCertificate(
        source="generate",
        per="node",
        key="ec-p256",
        not_before=NOT_BEFORE,
        not_after=NOT_AFTER,
        ca_not_after=NOT_AFTER,
        common_names=common_names,
        intermediates=intermediates,
        upload=upload,
    )


__all__ = [
    "HOST",
    "NOT_AFTER",
    "NOT_BEFORE",
    "PLANS",
    "TELEMETRY_HOST",
    "TRUST_PEM",
    "live",
    "material",
    "node",
    "pinned",
    "pki",
    "requested",
    "training",
]
