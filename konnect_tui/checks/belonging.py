"""With `source = "import"`: every node has a certificate, and knows which."""

from collections.abc import Iterator, Sequence

from konnect_tui.checks.rules import misplaced
from konnect_tui.draft import Draft
from konnect_tui.errors import Problem, error


def check_belonging(draft: Draft, names: Sequence[str]) -> Iterator[Problem]:
    """Every one of these nodes has a certificate, and none is given to two of them unasked."""
    said = draft.certificate
    own = {each.name: at for at, each in enumerate(draft.node.each or ()) if each.certificate}
    if said.per == "bundle":
        if said.certificate is None:
            yield _absent("the certificate that all nodes present", "Name a file with it.")
        for at in own.values():
            yield misplaced(f"node.each[{at}].certificate", "all nodes share the one of [certificate]")
        return
    lacking = [name for name in names if name not in own]
    if lacking and said.certificate is None:
        own_files = "; `certificate` and `private_key` in [[node.each]] are for one node" if len(names) > 1 else ""
        yield _absent(f"no file is named for the node {lacking[0]}", f"Name a file with the certificate{own_files}.")
    elif len(lacking) > 1:
        message = f"`certificate.certificate` is one certificate, but {len(lacking):,} nodes have none of their own."
        hint = 'Give each its own in [[node.each]], or let all share this one with `per = "bundle"`.'
        yield error("certificate.certificate", "conflicting-values", message, hint)
    elif said.certificate and not lacking:
        yield misplaced("certificate.certificate", "every node has a file of its own")


def _absent(why: str, hint: str) -> Problem:
    field = "certificate.certificate"
    return error(field, "missing-key", f"`{field}` is missing: {why}.", hint)
