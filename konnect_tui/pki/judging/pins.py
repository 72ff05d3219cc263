"""Why a pinned control plane refuses: it wants the very leaf, byte for byte."""

from konnect_tui.pki import parse
from konnect_tui.pki.judging import breaks, clues
from konnect_tui.pki.judging.case import Case, climb, finding
from konnect_tui.pki.judging.verdict import Finding


def not_pinned(case: Case) -> Finding:
    """What was uploaded instead of the leaf."""
    name = parse.called(case.leaf)
    key = parse.public_bytes(case.leaf)
    if key is not None and any(parse.public_bytes(each) == key for each in case.uploaded):
        return breaks.same_key(case.leaf)
    if _issuer_uploaded(case):
        code, message = "issuer-uploaded", f"{name} itself is not uploaded, but a CA above it; a pin is the leaf."
        hint = f"In Konnect: upload {name}, or use a control plane in PKI mode."
        return finding("error", code, case.leaf, message, hint)
    code, message = "leaf-not-uploaded", f"{name} is not among the uploaded certificates."
    behind = next((each for each in case.presented[1:] if each in case.uploaded), None)
    if behind is not None:
        hint = (
            f"On the node: present {parse.called(behind)} first, or alone: it is uploaded, and only the first counts."
        )
    else:
        hint = f"In Konnect: upload {name}, exactly the certificate that the node presents."
    return finding("error", code, case.leaf, message, hint)


def _issuer_uploaded(case: Case) -> bool:
    path = climb(case.leaf, (*case.uploaded, *case.presented[1:]))
    if any(each in case.uploaded for each in path):
        return True
    return not parse.self_signed(path[-1]) and clues.likeliest(case, path) is not None
