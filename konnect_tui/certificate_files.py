"""Which of the operator's own files belongs to which node, with `source = "import"`."""

from collections.abc import Mapping

from konnect_tui.defaults import node_names
from konnect_tui.draft import Draft
from konnect_tui.pki.bringing.supply import Brought
from konnect_tui.plan import SHARED


def certificate_files(draft: Draft) -> Mapping[str, Brought]:
    """The files of every node, or of `shared`. A node without an entry of its own has those of `[certificate]`."""
    said = draft.certificate
    common = Brought("certificate", said.certificate, said.private_key) if said.certificate else None
    if said.per == "bundle":
        return {SHARED: common} if common else {}
    own = {
        each.name: Brought(f"node.each[{at}]", each.certificate, each.private_key)
        for at, each in enumerate(draft.node.each or ())
        if each.certificate
    }
    found = ((name, own.get(name, common)) for name in node_names(draft))
    return {name: files for name, files in found if files is not None}
