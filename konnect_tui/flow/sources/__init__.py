"""Where certificates come from: one module for each source, and what all have in common.

`made` is `source = "generate"`, `issued` is `issue`, `imported` is `import`, `requested` is `csr`.
"""

from typing import Final

from msgspec.structs import replace

from konnect_tui.draft import Certificate, Draft, NodeOverride
from konnect_tui.flow.step import Choice, Field, choice

GENERATE = "generate"
ISSUE = "issue"
IMPORT = "import"
CSR = "csr"

_CHOICES: Final = (
    Choice(GENERATE, "made here", "Keys and certificates are made on this machine. Nothing else is needed."),
    Choice(ISSUE, "issued by your CA", "Your CA's certificate and key are at hand: it issues the nodes' certificates."),
    Choice(IMPORT, "files you have", "Certificates and keys that exist already, in whatever form they are."),
    Choice(
        CSR, "a request for your PKI desk", "Keys are made and stay here; others sign requests and send certificates."
    ),
)
_EVERYWHERE: Final = frozenset({"per", "upload", "custody"})
_LEAF: Final = frozenset({
    "key", "years", "days", "not_after", "common_name", "organization", "organizational_unit", "country", "sans",
})  # fmt: skip
_OWN: Final = {
    GENERATE: _LEAF | {"intermediates", "ca_key", "ca_passphrase_file"},
    ISSUE: _LEAF | {"ca_certificate", "ca_key_file", "ca_passphrase_file", "chain"},
    IMPORT: frozenset({"certificate", "private_key", "chain", "passphrase_file"}),
    CSR: _LEAF | {"signed"},
}


def source(draft: Draft) -> str:
    """Where the certificates come from: what was said, else the default."""
    said = draft.certificate.source
    return said if said in _OWN else GENERATE


def source_field() -> Field:
    """The question that decides all others of the page."""
    return choice(
        "certificate.source",
        "Certificates",
        _CHOICES,
        default=GENERATE,
        help=(
            "Where the nodes' keys and certificates come from. Space lists the four ways. Whatever it is, each node "
            "ends with one key and one certificate, and the drawing shows whether Konnect would accept it."
        ),
    )


def applying(draft: Draft) -> Draft:
    """The Draft with those answers about certificates that mean something with its source."""
    said, name = draft.certificate, source(draft)
    kept = {key: getattr(said, key) for key in _OWN[name] | _EVERYWHERE}
    draft = replace(draft, certificate=Certificate(source=said.source, **kept))
    return draft if name == IMPORT else without_files_of_nodes(draft)


def without_files_of_nodes(draft: Draft) -> Draft:
    """The Draft with no certificate that is one node's alone."""
    bare = tuple(replace(each, certificate=None, private_key=None) for each in draft.node.each or ())
    each = tuple(one for one in bare if one != NodeOverride(one.name))
    return replace(draft, node=replace(draft.node, each=each or None))
