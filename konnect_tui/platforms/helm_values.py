"""The values for the chart `kong/kong`, as YAML in which every text is quoted.

Source: Kong/charts, `charts/kong` 3.4 (`values.yaml`, `templates/_helpers.tpl`, `ci/`): every entry of `env` becomes
`KONG_…`; listeners, prefix and port maps are the chart's own; a Secret in `secretVolumes` is mounted under
/etc/secrets/NAME and gives the volume its name, which therefore has to be a DNS label.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from konnect_tui.draft import OptionValue
from konnect_tui.gateway.escape import comment, yaml
from konnect_tui.gateway.releases import number
from konnect_tui.gateway.settings import Places, settings
from konnect_tui.konnect.endpoint import SYSTEM_TRUST
from konnect_tui.plan import Plan, PlannedNode

Options = Mapping[str, OptionValue]
Tree = Mapping[str, "Tree | list[Tree | str] | str | int | bool | None"]

TRUST: Final = "control-plane-ca.crt"
_CHART_OWNS: Final = ("prefix", "proxy_listen", "status_listen", "stream_listen", "port_maps")
_PER_RELEASE: Final = ("cluster_cert", "cluster_cert_key", "cluster_dp_labels")


def values(plan: Plan, node: PlannedNode, options: Options, *, release: str, replicas: int) -> str:
    """values.yaml: what all releases have in common. `node` is the one whose ports most nodes have."""
    wanted = f"{options['chart']} {options['chart_version']}".rstrip()
    return (
        f"# Values for the chart {comment(wanted)}: what all nodes of the bundle {comment(plan.bundle)} share.\n"
        "# install.sh adds what each release has for itself: name, Secret, labels, host name.\n"
        "# Written by konnect-tui: change the answers (konnect-tui.toml) and apply them again.\n"
    ) + _yaml(_values(plan, node, options, release, replicas))


def listeners(node: PlannedNode, options: Options) -> str:
    """The same for the ports of one node that has others."""
    return _yaml(_listeners(node, options))


def trusts_file(plan: Plan) -> bool:
    """Whether the bundle has a `trust/` folder that nodes need."""
    return plan.control_plane.config.trust != SYSTEM_TRUST


def _values(plan: Plan, node: PlannedNode, options: Options, release: str, replicas: int) -> Tree:
    distroless = "distroless" in plan.image
    return {
        "image": _image(plan, options),
        "replicaCount": replicas,
        "env": _environment(plan, node, release),
        **_listeners(node, options),
        "admin": {"enabled": False},
        "manager": {"enabled": False},
        "ingressController": {"enabled": False},
        "autoscaling": {"enabled": False},
        "resources": {"requests": {"cpu": str(options["cpu"]), "memory": str(options["memory"])}},
        "readinessProbe": {"httpGet": {"path": "/status/ready", "port": "status", "scheme": "HTTP"}},
        "deployment": {
            "prefixDir": {"sizeLimit": str(options["prefix_size"])},
            **({"kong": {"initContainers": {"clearStalePid": {"enabled": False}}}} if distroless else {}),
        },
        # A distroless image has neither `rm` nor `kong`, which the chart's hooks would run.
        **({"lifecycle": None, "waitImage": {"enabled": False}} if distroless else {}),
        **({"containerSecurityContext": {"enabled": False}} if options["openshift"] else {}),
    }


def _image(plan: Plan, options: Options) -> Tree:
    """`effectiveSemver` keeps the chart from reading a version out of a tag that has none."""
    version = ".".join(str(part) for part in number(plan.version)[:3])
    secret = str(options["pull_secret"])
    pull: Tree = {"pullSecrets": [secret]} if secret else {}
    if "@" in plan.image:
        return {"unifiedRepoTag": plan.image, "effectiveSemver": version, **pull}
    repository, _, tag = plan.image.rpartition(":")
    return {"repository": repository, "tag": tag, "effectiveSemver": version, **pull}


def _environment(plan: Plan, node: PlannedNode, release: str) -> Tree:
    """All parameters but those that the chart sets from its own values and those that install.sh adds.

    What the operator wrote stays in either case: the chart lets `env` win over its own.
    """
    places = Places(certificate="", key="", trust=f"/etc/secrets/{release}-trust/{TRUST}", prefix="")
    chosen = settings(plan, node, places, ports=node.ports)
    own = dict(plan.parameters)
    return {
        key: _literal(value)
        for key, value in chosen.items()
        if key not in _PER_RELEASE and (key not in _CHART_OWNS or key in own)
    }


def _literal(value: str) -> str:
    """An environment value that Kubernetes leaves as it is: it expands `$(NAME)` and makes one `$` of two."""
    return value.replace("$", "$$") if "$(" in value or "$$" in value else value


def _listeners(node: PlannedNode, options: Options) -> Tree:
    http, https, status, *stream = node.ports
    annotations = dict(item.split("=", 1) for item in str(options["service_annotations"]).split(";") if item)
    proxy: Tree = {
        "type": str(options["service_type"]),
        **({"annotations": annotations} if annotations else {}),
        "http": {"enabled": True, "servicePort": _port(options, "http_service_port"), "containerPort": http},
        "tls": {"enabled": True, "servicePort": _port(options, "https_service_port"), "containerPort": https},
        "stream": [{"containerPort": port, "servicePort": port, "protocol": "TCP"} for port in stream],
    }
    return {"proxy": proxy, "status": {"enabled": True, "http": {"enabled": True, "containerPort": status}}}


def _port(options: Options, name: str) -> int:
    port = options[name]
    return port if isinstance(port, int) else 0


def _yaml(tree: Tree) -> str:
    return "".join(f"{line}\n" for line in _lines(tree, ""))


def _lines(tree: Tree, indent: str) -> Iterator[str]:
    for key, value in tree.items():
        name = f"{indent}{key if re.fullmatch('[A-Za-z_][A-Za-z0-9_]*', key) else yaml(key)}:"
        if isinstance(value, Mapping) and value:
            yield name
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, list) and value:
            yield name
            for item in value:
                yield from _item(item, indent)
        else:
            yield f"{name} {_scalar(value)}"


def _item(item: "Tree | str", indent: str) -> Iterator[str]:
    if isinstance(item, str):
        yield f"{indent}- {yaml(item)}"
        return
    first, *rest = _lines(item, f"{indent}  ")
    yield f"{indent}- {first[len(indent) + 2 :]}"
    yield from rest


def _scalar(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, Mapping | list):
        return "{}" if isinstance(value, Mapping) else "[]"
    return str(value) if isinstance(value, int) else yaml(str(value))
