"""Certificates tried out in memory for one node: what a drawing shows, and whether the operator's CA can issue them."""

from msgspec.structs import replace

from konnect_tui.errors import KonnectError
from konnect_tui.pki.bringing.scrutiny import scrutinise
from konnect_tui.pki.bringing.supply import Given, Supply, quiet
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.pki.making import issue
from konnect_tui.pki.material import Material
from konnect_tui.plan import SHARED, Plan, PlannedNode
from konnect_tui.secret import Secret

_ISSUING = "certificate.ca_certificate"


def material(plan: Plan, supply: Supply, passphrase: Secret | None) -> Material:
    """What one node of the plan would have, with keys of EC P-256 whatever the plan says. Nothing of it is kept.

    Raises KonnectError as `issue.carry_out` does.
    """
    one = _one_node(plan)
    work = issue.work(one, issue.Holdings(), True, supply)
    return issue.carry_out(one, issue.Holdings(), work, passphrase=passphrase, progress=quiet, supply=supply)


def try_issuing(plan: Plan, supply: Supply, passphrase: Secret | None) -> None:
    """See that the operator's CA can issue what the plan wants, and that a control plane would take it.

    Raises KonnectError `invalid-input` where it can't or wouldn't.
    """
    leaf = next(iter(material(plan, supply, passphrase).nodes.values())).current
    mode: Mode = "pki" if plan.control_plane.auth_mode == "pki" else "pinned"
    found = scrutinise(mode, supply.upload, [(_ISSUING, Given(leaf.chain, leaf.key))], plan.certificate.made)
    faults = tuple(each for each in found if each.severity == "error")
    if faults:
        raise KonnectError("invalid-input", faults[0].message, problems=faults)


def _one_node(plan: Plan) -> Plan:
    node = plan.nodes[0] if plan.nodes else PlannedNode("node", "node", (), (), ())
    name = SHARED if plan.shared else node.name
    common_name = plan.certificate.common_names.get(name, "any node")
    certificate = replace(plan.certificate, key="ec-p256", ca_key="discard", common_names={name: common_name})
    return replace(plan, nodes=(node,), certificate=certificate)
