"""The bundle's README.md: what it is, what to do with it, and what to never do, for exactly these choices.

Beside it the two files that keep keys, state and backups out of version control and out of images. Same plan,
same bytes: no clock, no key, nothing of the machine.
Sources: Kong/developer.konghq.com, `app/gateway/data-plane-reference.md` (what an ended certificate means) and
`app/gateway/traffic-control/health-check-probes.md`; log lines from Kong/kong `kong/clustering/`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from konnect_tui.bundle import Files, text
from konnect_tui.draft import TOLD
from konnect_tui.gateway.escape import markdown, markdown_code
from konnect_tui.konnect.endpoint import SYSTEM_TRUST, Endpoint
from konnect_tui.pki_desk import NOTE, SCRIPT
from konnect_tui.plan import Plan
from konnect_tui.platforms import platform

_LISTED: Final = 20


_GIVE: Final = """\
## 1. Give Konnect the certificate

In Konnect: **Gateway Manager** → the control plane → **Data Plane Certificates**. Until that is done no node is
let in.
"""
_UPLOAD: Final = """\
## 1. See that Konnect has the certificate

```sh
konnect-tui upload .    # gives Konnect what it lacks of these, and changes nothing where it has them all
```

`apply` does the same unless it is told not to. Until Konnect has them no node is let in.
"""
_BYTE_BY_BYTE: Final = "Konnect compares byte by byte: exactly these certificates are let in, no others.\n"
_TRAINING: Final = """\
> **This is a training bundle.** Its control plane belongs to the training organisation on the machine where the
> bundle was made, not to Konnect. Nothing of it is real, and nothing of it reaches Konnect. It is of no use anywhere
> else, or once that organisation is begun anew. “Konnect” below means that organisation.

"""
_PRACTISE: Final = """
### Without Kong

```sh
# practice nodes: they read these files, connect and answer as Kong would, and proxy nothing; Ctrl-C stops them
konnect-tui training node .
```

### With Kong

On this machine, while the training organisation runs: in the wizard (`konnect-tui --training`), or in another terminal
with `konnect-tui training serve`. Containers get the host's own network, or they could not reach its loopback.
"""
_DISCARDED: Final = """\
The CA's keys were thrown away after these certificates were made. Nothing further can be issued: another node,
or a new certificate, needs a new CA and a new upload.
"""
_OPERATORS_CA: Final = """\
Your own CA issued these certificates. Its key was not copied: it is read where `konnect-tui.toml` says, and only when
something has to be issued.
"""
_KEEP_APART: Final = """\
No node ever needs them, and whoever has them can make nodes of their own. They are needed here to certify further
nodes, so keep this folder to yourself, with a copy where secrets are kept. To keep no key at all, set
`ca_key = "discard"` and apply with `--replace`: the old key is in `.backup` then, further nodes need a new CA.
"""


def render(plan: Plan) -> Files:
    """`README.md`, `.gitignore` and `.dockerignore`."""
    return {
        "README.md": text("\n".join(_sections(plan))),
        ".gitignore": text(_GITIGNORE),
        ".dockerignore": text(_DOCKERIGNORE),
    }


def _sections(plan: Plan) -> Iterator[str]:
    yield _what(plan)
    if plan.missing:
        yield _requests(plan)
        yield _NEVER
        return
    yield _upload(plan)
    if plan.nodes:
        yield _start(plan)
        yield _check(plan)
        yield _dates(plan)
        yield _keys(plan)
    if plan.certificate.source == "issue" or plan.makes_ca:
        yield _authority(plan)
    yield _renew(plan)
    yield _NEVER


def _what(plan: Plan) -> str:
    both = plan.control_plane
    region = f", region {markdown(both.region)}" if both.region else ""
    given = "every node's own certificate" if both.auth_mode == "pinned" else "a CA certificate"
    trust = "" if both.config.trust == SYSTEM_TRUST else "- Trusted CA: `trust/control-plane-ca.crt`\n"
    known = f"- Its id in Konnect: {markdown_code(both.id)}\n" if _live(plan) and both.id else ""
    firewall = "" if both.training else "- What a firewall has to let through: `network/request.md`\n"
    return (
        f"# Data plane bundle {markdown(plan.bundle)}\n\n"
        f"{_TRAINING if both.training else ''}"
        f"Certificates and configuration for data plane nodes of Kong Gateway {markdown(plan.version)}.\n"
        f"They connect to the control plane **{markdown(both.name)}**{region}. Written by konnect-tui.\n\n"
        f"- Authentication: {'pinned' if both.auth_mode == 'pinned' else 'PKI'}; Konnect is given {given}\n"
        f"- Configuration from {_endpoint(both.config)}\n"
        f"- Telemetry to {_endpoint(both.telemetry)}\n"
        f"{known}"
        f"{trust}"
        f"- Nodes: {_nodes(plan)}\n"
        f"{firewall}"
    )


def _endpoint(endpoint: Endpoint) -> str:
    derived = " (*derived*: compare it with what Konnect shows)" if endpoint.derived else ""
    return f"{markdown_code(endpoint.address)}{derived}"


def _nodes(plan: Plan) -> str:
    names = ", ".join(markdown_code(node.name) for node in plan.nodes[:_LISTED])
    more = len(plan.nodes) - _LISTED
    return f"{names} and {more:,} more" if more > 0 else names or "none; this bundle is for uploading only"


def _requests(plan: Plan) -> str:
    """What to do while certificates are waited for. The rest of the README comes with them."""
    missing = ", ".join(markdown_code(name) for name in plan.missing[:_LISTED])
    more = len(plan.missing) - _LISTED
    missing += f" and {more:,} more" if more > 0 else ""
    return (
        "## 1. Get the certificates signed\n\n"
        f"Waited for: the certificates of {missing}.\n\n"
        f"Send `nodes/*/tls.csr` with `{NOTE}` to whoever runs your PKI. The keys in `nodes/` stay where they are.\n"
        "With what comes back, in any format, order and number of files, run in this folder:\n\n"
        "```sh\n"
        "konnect-tui apply konnect-tui.toml --signed FILE-OR-FOLDER\n"
        "konnect-tui verify .    # says which are still missing\n"
        "```\n\n"
        "Certificates are told apart by their public keys, so names do not matter. Once the last one has come, this\n"
        "file says what to upload and what to run.\n\n"
        f"Where a key must not come from elsewhere, take `{SCRIPT}` to that host: it makes key and request there.\n"
    )


def _upload(plan: Plan) -> str:
    if plan.control_plane.auth_mode == "pki":
        files = f"- `upload/{plan.certificate.upload}.crt`\n"
        rule = "Every certificate that this CA issues is let in: nothing has to be uploaded for further nodes.\n"
    elif plan.shared:
        files = "- `upload/shared.crt`, which all nodes present\n"
        rule = _BYTE_BY_BYTE
    else:
        files = "".join(f"- `upload/{node.name}.crt`\n" for node in plan.nodes[:_LISTED])
        if len(plan.nodes) > _LISTED:
            files += f"- and so on: all {len(plan.nodes):,} files in `upload/`\n"
        rule = _BYTE_BY_BYTE
    return f"{_UPLOAD if _live(plan) else _GIVE}\n{files}\n{rule}"


def _live(plan: Plan) -> bool:
    """Whether the control plane is one that an API tells of, and that is given what it needs by itself."""
    return plan.control_plane.source in TOLD


def _start(plan: Plan) -> str:
    parts = ["## 2. Start the nodes\n\nFrom this folder.\n"]
    if plan.control_plane.training:
        parts.append(_PRACTISE)
    for key in plan.platforms:
        found = platform(key)
        lines = "\n".join(f"# {command.does}\n{command.line}\n" for command in found.commands(plan))
        parts.append(f"\n### {found.title}\n\n```sh\n{lines}```\n")
    return "".join(parts)


def _check(plan: Plan) -> str:
    http, status = _ports(plan)
    return (
        "## 3. See that they run\n\n"
        f"```sh\ncurl -i http://localhost:{http}/\ncurl -i http://localhost:{status}/status/ready\n```\n\n"
        "The first answers 404 with `no Route matched with those values` while the control plane has no routes: that\n"
        "is right. The second says whether the node has a configuration: `200` ready; `503` with\n"
        "`no configuration available` means that it runs and has got none, so its log says why:\n\n"
        "| In the log | Means |\n|---|---|\n"
        + "".join(f"| `{line}` | {means} |\n" for line, means in _LOG)
        + f"\n{_WATCH if _live(plan) else ''}"
        f"{'' if plan.control_plane.training else _SHOWN}"
        "A kept configuration is served even when the node can't connect: 200 alone does not prove the connection.\n"
    )


def _ports(plan: Plan) -> tuple[int, int]:
    """Those of the first node, as one host has them where nodes share one."""
    first = plan.nodes[0]
    one_host = any(platform(key).one_host for key in plan.platforms)
    ports = first.host_ports if one_host else first.ports
    return ports[0], ports[2]


_LOG: Final = (
    (
        "unexpected HTTP response code: 401",
        "Konnect does not know the certificate: step 1, and the right control plane",
    ),
    ("certificate host mismatch", "something in between opens the connection, or the server name is wrong"),
    (
        "unable to get local issuer certificate",
        "the CA of the control plane's certificate isn't trusted, often a proxy's",
    ),
    ("DNS resolution failed", "the name can't be resolved here"),
    ("connection refused` or `timeout", "a firewall: see `network/request.md`"),
    ("Permission denied", "Kong may not read `tls.key`: start it the way step 2 says"),
)


_SHOWN: Final = "In Konnect, under **Data Plane Nodes**, the node is *Connected* and *In sync* within a minute.\n"
_WATCH: Final = "`konnect-tui watch .` waits until every node is connected and in sync, and says which is not.\n"
_THEY_END: Final = "The nodes' certificates end"


def _dates(plan: Plan) -> str:
    said = plan.certificate
    authority = f"The CA made here ends on **{_day(said.ca_not_after)}**.\n" if plan.makes_ca else ""
    first = "The first of the nodes' certificates ends" if said.source in ("import", "csr") else _THEY_END
    return (
        "## When it ends\n\n"
        f"{first} on **{_day(said.not_after)}**.\n"
        f"{authority}"
        "After that a node goes on serving what it has, but gets no changes and sends no analytics, and nothing it\n"
        "shows to clients tells so. Put the date into a calendar, well before.\n"
    )


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def _keys(plan: Plan) -> str:
    shared = "All nodes use the same key: where one is lost, all are.\n" if plan.shared else ""
    return (
        "## Where the keys are\n\n"
        "In `nodes/<node>/tls.key`, for its owner alone (0600). Whoever has it can pose as the node. Step 2 says\n"
        f"where an install script puts it besides.\n{shared}\n"
        "`konnect-tui verify .` says whether everything is whole, in date and closed to others;\n"
        "`konnect-tui rehearse .` lets every node shake hands with a control plane that trusts exactly `upload/`.\n"
    )


def _authority(plan: Plan) -> str:
    if plan.certificate.source == "issue":
        return f"## The CA\n\n{_OPERATORS_CA}"
    kept = plan.certificate.ca_key
    if kept == "discard":
        return f"## The CA\n\n{_DISCARDED}"
    how = "encrypted with your passphrase" if kept == "encrypted" else "**not encrypted**"
    return f"## The CA\n\n`ca/` holds the keys of the CA, {how}.\n{_KEEP_APART}"


def _renew(plan: Plan) -> str:
    pinned = plan.control_plane.auth_mode == "pinned"
    upload = "`apply` uploads the new certificate" if _live(plan) else "upload the new certificate"
    order = (
        f"The order matters: {upload}, then start the nodes anew, see that they are connected, and\n"
        "only then delete the old certificate in Konnect.\n"
        if pinned
        else "As long as the CA stays the same there is nothing to upload. Start the nodes anew afterwards.\n"
    )
    commands = "\n".join(f"konnect-tui apply konnect-tui.toml {rest}" for rest in _RENEWALS[plan.certificate.source])
    return (
        "## Change or renew\n\n"
        "`konnect-tui.toml` holds all answers. Change it, or leave it as it is, and apply it from this folder:\n\n"
        "```sh\n"
        "konnect-tui apply konnect-tui.toml --dry-run    # shows what would change, writes nothing\n"
        f"{commands}\n"
        "```\n\n"
        "Applied unchanged it changes nothing. Kong reads its certificate only when it starts, so a node has to be\n"
        f"started anew, the way step 2 says, not reloaded.\n{order}"
    )


_MADE_HERE: Final = (
    "--replace    # other dates or names: same keys, new certificates",
    "--new-keys   # new keys too; the old ones are kept in .backup",
)
_RENEWALS: Final[Mapping[str, tuple[str, ...]]] = {
    "generate": _MADE_HERE,
    "issue": _MADE_HERE,
    "import": ("--replace    # takes the files that its [certificate] names by then",),
    "csr": (
        "--replace --signed FILE    # a renewed certificate for the same key",
        "--new-keys                 # new keys and new requests; the old ones are kept in .backup",
    ),
}


_NEVER: Final = """\
## Never

- Commit or mail a `.key` file or `state/`. `.gitignore` and `.dockerignore` keep them out; leave those in place.
- Open a key to others because something says *permission denied*. The start scripts run Kong as its owner.
- Edit what is generated: change the answers and apply them.
"""

_GITIGNORE: Final = """\
# Private keys
*.key
*.p12
*.pfx
# What nodes have received from the control plane
/state/
# This machine's own
/compose/.env
.backup/
.staging/
.imports/
.lock
"""

_DOCKERIGNORE: Final = """\
# Private keys
**/*.key
**/*.p12
**/*.pfx
# What nodes have received from the control plane
state
# This machine's own
compose/.env
**/.backup
**/.staging
**/.imports
**/.lock
.git
"""
