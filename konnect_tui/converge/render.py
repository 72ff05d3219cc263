"""The files of a bundle, told from the Plan: those that hold no key are rendered, the others are named."""

from collections.abc import Iterable, Iterator

from konnect_tui import pki_desk, runbook
from konnect_tui.bundle import PUBLIC_MODE, SECRET_MODE, File, Files, merge
from konnect_tui.network import allowlist
from konnect_tui.pki.bringing.supply import NOTHING, Supply
from konnect_tui.pki.making import files as pki_files
from konnect_tui.pki.making.issue import Holdings, Todo, Work
from konnect_tui.pki.material import Identity, Material, NodeMaterial, Upload
from konnect_tui.plan import Plan
from konnect_tui.platforms import platform

_OF_KEYS = ("nodes/", "ca/", "upload/", "trust/")


def describing(plan: Plan) -> dict[str, File]:
    """Everything but `konnect-tui.toml` and what holds a key or a certificate."""
    nothing = Material({})
    return merge(
        (
            runbook.render(plan),
            pki_desk.render(plan),
            allowlist.render(plan),
            *(platform(key).render(plan, nothing) for key in plan.platforms),
        )
    )


def given(plan: Plan, supply: Supply, holdings: Holdings, work: Work) -> Files:
    """The files that hold what the operator gave, as far as they are known before anything is made.

    Under the operator's own CA a leaf that is kept has behind it what that CA wants there today.
    """
    if supply is NOTHING:
        return {}
    nodes = {}
    for node in plan.nodes:
        name = plan.identity(node.name)
        if (found := supply.identities.get(name)) is not None:
            nodes[node.name] = NodeMaterial(Identity(found.chain, found.key))
        elif supply.signer is not None and work.identities[name].certificate == "keep":
            leaf = holdings.identities[name].chain[0]
            nodes[node.name] = NodeMaterial(Identity((leaf, *supply.signer.behind)))
    return pki_files.certificates(nodes, given_uploads(supply))


def given_uploads(supply: Supply) -> Iterable[Upload]:
    """What Konnect is given of what the operator gave, as far as that is settled."""
    if supply.upload is not None or not supply.settled:
        return (Upload("ca.crt", supply.upload),) if supply.upload is not None else ()
    return (Upload(f"{name}.crt", each.chain[0]) for name, each in supply.identities.items())


def holding(plan: Plan, work: Work, reshaped: bool) -> Iterator[tuple[str, int, bool]]:
    """Path, mode, and whether it is made anew, of every file that holds a key or a certificate made here.

    `reshaped` says that what a node presents changes although its leaf stays: another upload, say.
    """
    for node in plan.nodes:
        yield from _of_node(f"nodes/{node.name}", work.identities[plan.identity(node.name)], reshaped)
    for stem, todo in work.authorities.items():
        yield f"ca/{stem}.crt", PUBLIC_MODE, todo.certificate == "make"
        if plan.certificate.ca_key != "discard":
            yield f"ca/{stem}.key", SECRET_MODE, todo.key == "make"
    if work.authorities:
        uploaded = "root" if plan.certificate.upload == "root" else tuple(work.authorities)[-1]
        path = f"upload/{plan.certificate.upload}.crt"
        yield path, PUBLIC_MODE, reshaped or work.authorities[uploaded].certificate == "make"
    elif plan.certificate.upload == "leaf":
        for identity, todo in work.identities.items():
            if todo.certificate in ("keep", "make"):
                yield f"upload/{identity}.crt", PUBLIC_MODE, todo.certificate == "make"


def _of_node(folder: str, todo: Todo, reshaped: bool) -> Iterator[tuple[str, int, bool]]:
    if todo.certificate in ("keep", "make"):
        yield f"{folder}/tls.crt", PUBLIC_MODE, reshaped or todo.certificate == "make"
    if todo.certificate == "wait":
        yield f"{folder}/tls.csr", PUBLIC_MODE, todo.request == "make"
    if todo.key in ("keep", "make"):
        yield f"{folder}/tls.key", SECRET_MODE, todo.key == "make"


def whole_bundle(plan: Plan, path: str) -> bool:
    """Whether a file describes the bundle as a whole, so that it may change when a node is added."""
    if path.startswith(_OF_KEYS):
        return False
    parts = path.split("/")
    return not (len(parts) > 2 and parts[1] in {node.name for node in plan.nodes})
