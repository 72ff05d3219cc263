"""Which control planes can take a self-managed node, and why the others can't.

Source: Kong/developer.konghq.com, `app/gateway/control-plane-groups.md`, `app/serverless-gateways/reference.md`,
`app/dedicated-cloud-gateways/reference.md`; Kong/kong-operator, `internal/utils/config/dataplane.go`.
"""

from typing import Final

from konnect_tui.konnect.models import Config
from konnect_tui.words import printable

HYBRID: Final = "CLUSTER_TYPE_CONTROL_PLANE"
GROUP: Final = "CLUSTER_TYPE_CONTROL_PLANE_GROUP"

_HOSTED: Final = "Kong hosts its nodes; one of your own can't join."
_KINDS: Final = {
    HYBRID: ("control plane", ""),
    GROUP: ("group", ""),
    "CLUSTER_TYPE_K8S_INGRESS_CONTROLLER": (
        "ingress controller",
        "Its nodes are set up by the Kong Ingress Controller in Kubernetes, in another way.",
    ),
    "CLUSTER_TYPE_SERVERLESS": ("serverless", _HOSTED),
    "CLUSTER_TYPE_SERVERLESS_V1": ("serverless", _HOSTED),
    "CLUSTER_TYPE_KAFKA_NATIVE_EVENT_PROXY": ("event gateway", "It belongs to Event Gateway, another product."),
}
MEMBER: Final = "It is a member of a control plane group: only the group takes nodes."


def kind(config: Config) -> str:
    """What it is, in a word or two: `control plane`, `group`, `serverless`; the API's own word where that is new."""
    if config.cloud_gateway:
        return "cloud gateway"
    known = _KINDS.get(config.cluster_type)
    if known:
        return known[0]
    return printable(config.cluster_type.removeprefix("CLUSTER_TYPE_").replace("_", " ").lower()) or "?"


def why_not(config: Config) -> str:
    """Why it can't take a self-managed node, as a sentence; empty where it can.

    That it is a member of a group can't be seen here: `Client.is_member` asks.
    """
    if config.cloud_gateway:
        return _HOSTED
    known = _KINDS.get(config.cluster_type)
    return known[1] if known else "This release does not know its type, so it can't say whether nodes may join."
