"""The files of a bundle, told from the Plan: those that hold no key are rendered, the others are named."""

from collections.abc import Iterator

from konnect_tui import runbook
from konnect_tui.bundle import PUBLIC_MODE, SECRET_MODE, File, merge
from konnect_tui.network import allowlist
from konnect_tui.pki.issue import Work
from konnect_tui.pki.material import Material
from konnect_tui.plan import SHARED, Plan
from konnect_tui.platforms import platform

_OF_KEYS = ("nodes/", "ca/", "upload/", "trust/")


def describing(plan: Plan) -> dict[str, File]:
    """Everything but `konnect-tui.toml` and what holds a key or a certificate."""
    nothing = Material({})
    return merge(
        (
            runbook.render(plan),
            allowlist.render(plan),
            *(platform(key).render(plan, nothing) for key in plan.platforms),
        )
    )


def holding(plan: Plan, work: Work, reshaped: bool) -> Iterator[tuple[str, int, bool]]:
    """Path, mode, and whether it is made anew, of every file that holds a key or a certificate made here.

    `reshaped` says that what a node presents changes although its leaf stays: another upload, say.
    """
    for node in plan.nodes:
        todo = work.identities[SHARED if plan.shared else node.name]
        yield f"nodes/{node.name}/tls.crt", PUBLIC_MODE, reshaped or todo.certificate == "make"
        yield f"nodes/{node.name}/tls.key", SECRET_MODE, todo.key == "make"
    for stem, todo in work.authorities.items():
        yield f"ca/{stem}.crt", PUBLIC_MODE, todo.certificate == "make"
        if plan.certificate.ca_key != "discard":
            yield f"ca/{stem}.key", SECRET_MODE, todo.key == "make"
    if not work.authorities:
        for identity, todo in work.identities.items():
            yield f"upload/{identity}.crt", PUBLIC_MODE, todo.certificate == "make"
    else:
        uploaded = "root" if plan.certificate.upload == "root" else tuple(work.authorities)[-1]
        name = "root" if plan.certificate.upload == "root" else "intermediate"
        yield f"upload/{name}.crt", PUBLIC_MODE, reshaped or work.authorities[uploaded].certificate == "make"


def whole_bundle(plan: Plan, path: str) -> bool:
    """Whether a file describes the bundle as a whole, so that it may change when a node is added."""
    if path.startswith(_OF_KEYS):
        return False
    parts = path.split("/")
    return not (len(parts) > 2 and parts[1] in {node.name for node in plan.nodes})
