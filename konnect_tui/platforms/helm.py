"""Platform `helm`: values for the chart `kong/kong`, and a script that makes namespace, Secrets and releases.

Where every node has its own key, every node is a release of its own; a shared key is one release with replicas.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from msgspec import Struct

from konnect_tui.bundle import File, Files, script, text
from konnect_tui.draft import OptionValue
from konnect_tui.errors import KonnectError, Problem, error, warning
from konnect_tui.pki.material import Material
from konnect_tui.plan import Plan, PlannedNode
from konnect_tui.platforms import Command, Option, Platform, options_of
from konnect_tui.platforms.helm_install import install_script
from konnect_tui.platforms.helm_values import TRUST, listeners, trusts_file, values

Options = Mapping[str, OptionValue]

LONGEST_RELEASE: Final = 53
"""Helm's limit for a release's name: https://helm.sh/docs/chart_template_guide/builtin_objects/."""
_LONGEST_FULLNAME: Final = 52  # the chart makes a volume FULLNAME-prefix-dir, a DNS label of at most 63 characters
_LONGEST_DEFAULT: Final = 20  # leaves 32 characters for a node's name
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_ANNOTATION: Final = r"[A-Za-z0-9]([A-Za-z0-9./_-]*[A-Za-z0-9])?=[^;]*"
_WORD: Final = re.compile(r"[A-Za-z0-9._:,-]+")

OPTIONS: Final = (
    Option("namespace", "text", "kong", "The namespace; made if it is not there.", pattern=_LABEL),
    Option(
        "release",
        "text",
        "",
        "The Helm release; with a key per node, what every release's name begins with. Empty: after the bundle.",
        pattern=rf"({_LABEL})?",
    ),
    Option(
        "replicas",
        "integer",
        0,
        "Pods per release. 0: one, and where all nodes share a key one per node.",
        minimum=0,
        maximum=1000,
    ),
    Option(
        "service_type",
        "choice",
        "LoadBalancer",
        "How clients reach the proxy.",
        choices=("LoadBalancer", "NodePort", "ClusterIP"),
    ),
    Option(
        "service_annotations",
        "text",
        "",
        "Annotations of the proxy's Service: key=value;key=value.",
        pattern=rf"({_ANNOTATION}(;{_ANNOTATION})*)?",
    ),
    Option("http_service_port", "integer", 80, "The Service's port for HTTP.", minimum=1, maximum=65535),
    Option("https_service_port", "integer", 443, "The Service's port for HTTPS.", minimum=1, maximum=65535),
    Option("cpu", "text", "1", "The processors a pod asks for.", pattern=r"[1-9][0-9]*m?|[0-9]+\.[0-9]+"),
    Option("memory", "text", "2Gi", "The memory a pod asks for.", pattern=r"[1-9][0-9]*(Mi|Gi)"),
    Option(
        "prefix_size",
        "text",
        "1Gi",
        "The most that Kong's prefix, with the cached configuration, may hold.",
        pattern=r"[1-9][0-9]*(Mi|Gi)",
    ),
    Option("openshift", "boolean", False, "Leave user and group to OpenShift's security context constraints."),
    Option("pull_secret", "text", "", "The Secret for a private image registry.", pattern=rf"({_LABEL})?"),
    Option(
        "chart",
        "text",
        "kong",
        "The chart: a name in the repository, or an oci:// address.",
        pattern=r"[A-Za-z0-9.:/_-]+",
    ),
    Option(
        "repository",
        "text",
        "https://charts.konghq.com",
        "The chart's repository; empty for an oci:// chart.",
        pattern=r"(https://[A-Za-z0-9.:/_-]+)?",
    ),
    Option("chart_version", "text", "3.4.1", "The chart's version; empty for the newest.", pattern=r"[A-Za-z0-9.+-]*"),
)


class Release(Struct, frozen=True):
    """One Helm release. `node` names the folder of its certificate; `hostname` is `-` where pods keep their own."""

    node: str
    name: str
    hostname: str
    labels: str

    @property
    def fullname(self) -> str:
        """What everything in the release is called: its name, shortened where the chart could not take it."""
        if len(self.name) <= _LONGEST_FULLNAME:
            return self.name
        return f"{self.name[:47]}-{sha256(self.name.encode()).hexdigest()[:4]}"


def _options(plan: Plan) -> Options:
    return options_of("helm", plan.platforms["helm"])


def base_name(plan: Plan) -> str:
    """The release, or what all releases begin with: as chosen, else the bundle's slug, shortened but still its own."""
    chosen = str(_options(plan)["release"])
    if chosen or len(plan.slug) <= _LONGEST_DEFAULT:
        return chosen or plan.slug
    return f"{plan.slug[: _LONGEST_DEFAULT - 5].rstrip('-')}-{plan.slug[-4:]}"


def releases(plan: Plan) -> tuple[Release, ...]:
    """One release per key."""
    base = base_name(plan)
    if plan.shared and plan.nodes:
        first = plan.nodes[0]
        alone = len(plan.nodes) == 1
        common = [label for label in first.labels[1:] if all(label in node.labels for node in plan.nodes)]
        labels = (("node", first.name if alone else base), *common)
        return (_release(first, base, labels, stable=alone and _replicas(plan) == 1),)
    stable = _replicas(plan) == 1
    return tuple(_release(node, f"{base}-{node.name}", node.labels, stable=stable) for node in plan.nodes)


def _release(node: PlannedNode, name: str, labels: tuple[tuple[str, str], ...], *, stable: bool) -> Release:
    """`stable` gives the pod the node's host name, as far as that is the one DNS label a pod can have."""
    hostname = node.hostname if re.fullmatch(_LABEL, node.hostname) else node.name
    said = ",".join(f"{key}:{value}" for key, value in labels)
    if _WORD.fullmatch(said) is None:
        raise KonnectError(
            "value-not-expressible", f"The labels of {node.name} hold more than letters, digits and . _ -"
        )
    return Release(node.name, name, hostname if stable else "-", said)


def _replicas(plan: Plan) -> int:
    chosen = _options(plan)["replicas"]
    if isinstance(chosen, int) and chosen > 0:
        return chosen
    return len(plan.nodes) if plan.shared else 1


def render(plan: Plan, material: Material) -> Files:
    """`helm/<release>/values.yaml` and `install.sh`; `nodes/<node>.yaml` for nodes with ports of their own."""
    del material
    if not plan.nodes:
        return {}
    options = _options(plan)
    base = base_name(plan)
    first = plan.nodes[0]
    files: dict[str, File] = {
        f"helm/{base}/values.yaml": text(values(plan, first, options, release=base, replicas=_replicas(plan))),
        f"helm/{base}/install.sh": script(_install(plan, options)),
    }
    if not plan.shared:
        for node in plan.nodes:
            if node.ports != first.ports:
                files[f"helm/{base}/nodes/{node.name}.yaml"] = text(listeners(node, options))
    return files


def _install(plan: Plan, options: Options) -> str:
    decided = {
        "namespace": str(options["namespace"]),
        "release": base_name(plan),
        "chart": str(options["chart"]),
        "repository": str(options["repository"]),
        "version": str(options["chart_version"]),
        "trust": TRUST if trusts_file(plan) else "",
    }
    rows = (f"{one.node} {one.name} {one.fullname} {one.hostname} {one.labels}" for one in releases(plan))
    return install_script(decided, rows)


def check(plan: Plan) -> tuple[Problem, ...]:
    """Names that Helm would refuse, values that the chart would misread, ports that a pod cannot take."""
    problems = [_too_long(plan, release) for release in releases(plan) if len(release.name) > LONGEST_RELEASE]
    for key, value in plan.parameters:
        if "valueFrom" in value:
            why = "The chart takes a value with the word valueFrom for a reference to a Secret or ConfigMap."
            problems.append(error(f"node.parameters.{key}", "value-not-expressible", why))
    low = sorted({port for node in plan.nodes for port in node.ports if port < 1024})
    if low:
        what = f"A pod without capabilities may not be able to take port {low[0]}."
        hint = "Take a port from 1024 on; the Service's own port is the option http_service_port or https_service_port."
        problems.append(warning("node.http_port", "privileged-port", what, hint))
    if plan.control_plane.training and plan.control_plane.config.host.startswith("127."):
        what = "Pods can't reach the training organisation: it listens on this machine's loopback alone."
        hint = "Take docker, compose or linux; or let it listen where pods reach it: training serve --listen ADDRESS."
        problems.append(warning("output.platforms", "out-of-reach", what, hint))
    if plan.shared and any(node.ports != plan.nodes[0].ports for node in plan.nodes):
        what = f"Nodes that share a key are one Helm release, so all pods get the ports of {plan.nodes[0].name}."
        problems.append(warning("node.each", "one-release", what))
    return tuple(problems)


def _too_long(plan: Plan, release: Release) -> Problem:
    base = base_name(plan)
    what = f"The Helm release of the node {release.node} would be {release.name}: {len(release.name)} characters"
    room = LONGEST_RELEASE - len(release.name) + len(base)
    hint = f"Set release to at most {room} characters." if room > 0 else "Give the node a shorter name."
    field = "platform.helm.release" if room > 0 else "node.names"
    return error(field, "release-name-too-long", f"{what}, and Helm takes {LONGEST_RELEASE}.", hint)


def commands(plan: Plan) -> tuple[Command, ...]:
    """A few lines, however many nodes there are."""
    if not plan.nodes:
        return ()
    made, namespace = releases(plan), _options(plan)["namespace"]
    what = "one Helm release" if len(made) == 1 else f"{len(made):,} Helm releases"
    http, _, status, *_ = plan.nodes[0].ports
    kubectl = f"kubectl --namespace {namespace}"
    return (
        Command(
            f"helm/{base_name(plan)}/install.sh",
            f"makes namespace, Secrets and {what} in kubectl's cluster; who may read its Secrets can read the keys",
        ),
        Command(f"{kubectl} get pods", "shows the pods; one is ready once it has a configuration"),
        Command(
            f"{kubectl} port-forward deployment/{made[0].fullname} {http}:{http} {status}:{status}",
            f"brings the ports of {made[0].node} here, to see that it runs",
        ),
    )


PLATFORM = Platform(
    key="helm",
    title="Kubernetes with Helm",
    summary="Values for Kong's chart, and a script that makes namespace, Secrets and releases.",
    one_host=False,
    options=OPTIONS,
    render=render,
    commands=commands,
    check=check,
)
