"""Which control plane: paste anything that names it, see what was understood, give it a name."""

from msgspec.structs import replace

from konnect_tui.draft import TOLD, ControlPlane, Draft
from konnect_tui.errors import Problem
from konnect_tui.flow.step import Choice, Fact, Field, Scene, Step, Unclear, Value, text, write
from konnect_tui.konnect.understand import Understanding, understand

_PASTE_HELP = (
    "Paste the endpoint, its prefix, or the whole command that Konnect's page shows. Both endpoints on two lines "
    "or an AWS PrivateLink address will do, too. What belongs to it is worked out and shown below; a key or a "
    "token in the text is not kept."
)


def pasted(draft: Draft) -> str:
    """What the Draft knows of the control plane's hosts, written so that it is understood the same way again."""
    plane = draft.control_plane
    return plane.prefix or "\n".join(line for line in (plane.endpoint, plane.telemetry_endpoint) if line)


def understood(draft: Draft) -> Understanding | None:
    """What is known about the hosts so far; None while nothing was given."""
    written = pasted(draft)
    return understand(written, draft.control_plane.region) if written else None


def put_pasted(draft: Draft, value: Value) -> Draft:
    """The Draft with the hosts that the text names. A region chosen before stays. Raises `Unclear`."""
    written = str(value or "").strip()
    plane = replace(draft.control_plane, source="manual", prefix=None, endpoint=None, telemetry_endpoint=None)
    plane = replace(plane, server_name=None, telemetry_server_name=None)
    if written:
        found = understand(written, plane.region)
        said = found.section()
        if not (said.prefix or said.endpoint):
            raise Unclear(found.problems[0].message if found.problems else "That names no control plane.")
        plane = _with(plane, said)
    return replace(draft, control_plane=plane)


def _with(plane: ControlPlane, said: ControlPlane) -> ControlPlane:
    return replace(
        plane,
        region=plane.region or said.region,
        prefix=said.prefix,
        endpoint=said.endpoint,
        telemetry_endpoint=said.telemetry_endpoint,
        server_name=said.server_name,
        telemetry_server_name=said.telemetry_server_name,
    )


def _facts(found: Understanding | None, plane: ControlPlane) -> tuple[Fact, ...]:
    if found is None:
        return ()
    facts = []
    if found.region:
        facts.append(Fact("Region", found.region))
    for label, endpoint in (("Configuration", found.endpoint), ("Telemetry", found.telemetry_endpoint)):
        if endpoint is None:
            continue
        facts.append(Fact(label, endpoint.address, "derived" if endpoint.derived else "given"))
    if found.endpoint:
        facts.append(Fact("Server names", plane.server_name or "the same hosts", "SNI"))
    return tuple(facts)


def _remarks(draft: Draft, value: Value) -> tuple[Problem, ...]:
    """What the text itself deserves to be told, such as a key that was in it."""
    written = str(value or "")
    found = understand(written, draft.control_plane.region) if written.strip() else Understanding()
    return tuple(problem for problem in found.problems if problem.code == "secret-in-paste")


def _paste(found: Understanding | None, plane: ControlPlane) -> Field:
    return Field(
        key="control_plane.endpoint",
        label="Paste its address",
        kind="paste",
        required=True,
        about=("control_plane.endpoint", "control_plane.prefix"),
        get=pasted,
        put=put_pasted,
        facts=_facts(found, plane),
        remarks=_remarks,
        help=_PASTE_HELP,
    )


def _cure(chosen: str, named: str) -> Field:
    """The host is in another region than the one chosen before: the cure is one choice away."""
    return Field(
        key="control_plane.region",
        label="Region",
        kind="choice",
        choices=(
            Choice(
                chosen,
                f"keep {chosen}",
                f"You chose {chosen}, but this host is in {named}. Then the host can't be right.",
            ),
            Choice(named, f"take {named}", f"The host names {named}."),
        ),
        get=lambda draft: draft.control_plane.region,
        put=lambda draft, value: write(draft, "control_plane.region", value),
        help="A control plane exists in one region only. Its host names that region, so one of the two is wrong.",
    )


def _unreached(plane: ControlPlane) -> Field:
    """Without a connection, what was taken from Konnect is shown, and nothing else can be taken."""
    facts = (("Region", plane.region), ("Id", plane.id), ("Auth mode", plane.auth_mode))
    return replace(
        text(
            "control_plane.name",
            "Its name",
            required=True,
            help=(
                "As it was taken from Konnect. There is no connection now: under Start an access token makes one, and "
                "then the control plane is chosen from the list."
            ),
        ),
        facts=tuple(Fact(label, value, "as it was") for label, value in facts if value),
    )


def _telemetry(rare: bool) -> Field:
    return replace(
        text(
            "control_plane.telemetry_endpoint",
            "Telemetry",
            help=(
                "The second address nodes connect to, for analytics and usage. For Konnect's own hosts it is "
                "worked out from the first; for any other host it has to be given."
            ),
        ),
        rare=rare,
    )


def _fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    found, plane = understood(draft), draft.control_plane
    if plane.source in TOLD:
        return () if scene.live else (_unreached(plane),)
    fields = [_paste(found, plane)]
    named = found.region if found else None
    if named and plane.region and named != plane.region:
        fields.append(_cure(plane.region, named))
    if plane.endpoint and (plane.telemetry_endpoint or not (found and found.prefix)):
        fields.append(_telemetry(rare=False))
    fields.append(
        text(
            "control_plane.name",
            "Its name",
            required=True,
            help=(
                "As Konnect shows it. It goes into the bundle's name, the certificates' common name and the "
                "runbook, so that people know what the bundle is for."
            ),
        )
    )
    return (*fields, *_details())


_DETAILS = (
    (
        "control_plane.server_name",
        "Server name",
        "the host",
        (
            "The name (SNI) the node asks for and checks the control plane's certificate against. It differs from the "
            "host only where that is reached under another name, as through a TLS-aware proxy."
        ),
    ),
    (
        "control_plane.telemetry_server_name",
        "Telemetry's name",
        "its host",
        "The server name (SNI) of the telemetry connection.",
    ),
    (
        "control_plane.trusted_ca",
        "Trusted CA",
        "system",
        (
            "A PEM file with the CA that signed the control plane's certificate. The system's own store is right for "
            "Konnect; a file is needed where TLS is intercepted."
        ),
    ),
)


def _details() -> tuple[Field, ...]:
    return tuple(text(key, label, default=default, help=told, rare=True) for key, label, default, told in _DETAILS)


LISTED_HELP = (
    (
        "All control planes of the region, page by page as Konnect gives them. Type to leave those that hold what you "
        "type in name, labels, id or host; Backspace takes letters away, Esc all of them. Grey ones can't take a node "
        "of yours: the reason stands beside them."
    ),
    (
        "F2 creates one. F3 changes the order: latest first, or by name. F4 shows the certificates of the one under "
        "the cursor. F5 asks Konnect anew. F6 looks for what you typed in the other regions, by exact name or id."
    ),
    (
        "How it knows its nodes is read from Konnect and can't be chosen here: pinned means that it is given each "
        "node's own certificate, PKI that it is given a CA."
    ),
    "F9 takes the one under the cursor and goes to Review with the default for everything that follows.",
)
"""What the list in Konnect says under F1."""

STEP = Step(
    key="control_plane",
    title="Control plane",
    why="Nodes take their configuration from one control plane.",
    help=(
        (
            "In Konnect, open the control plane and choose a new data plane node: the page shows the "
            "configuration endpoint and the telemetry endpoint. Copy either, or both, or the whole command: "
            "everything else is worked out."
        ),
        "Both kinds of host are understood, PREFIX.REGION.cp.konghq.com and the older PREFIX.REGION.cp0.konghq.com.",
        (
            "From here F9 goes to Review with the default for everything that follows: pinned certificate, one "
            "node, docker."
        ),
        (
            "In the list of an account F4 shows the certificates that a control plane has: which nodes use each, which "
            "ended or are used by nobody. One can be added or removed there, without making a node."
        ),
    ),
    fields=_fields,
    prefixes=("control_plane",),
    says=lambda draft: draft.control_plane.name or "",
)
