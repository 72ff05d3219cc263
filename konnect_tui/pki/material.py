"""Keys and certificates in memory. Never in a Draft, a log, a snapshot, a traceback or an answers file.

Everything here is encoded bytes, so that material kept from a bundle on disk and material just made look
alike, and nothing is parsed twice.
"""

from collections.abc import Mapping

from msgspec import Struct

from konnect_tui.secret import Secret


class Identity(Struct, frozen=True):
    """A key and what certifies it, in one generation.

    `chain` is DER: the leaf, then exactly the intermediates the node must present. Empty while a CSR is
    pending (`csr`, PEM). `key` is PKCS#8 PEM, or None where custody is external.
    """

    chain: tuple[bytes, ...] = ()
    key: Secret | None = None
    csr: bytes | None = None

    @property
    def complete(self) -> bool:
        """Whether there is a certificate to present."""
        return bool(self.chain)


class NodeMaterial(Struct, frozen=True):
    """What one node has. During a renewal `next` waits beside `current`, later `previous` beside it."""

    current: Identity
    next: Identity | None = None
    previous: Identity | None = None


class Authority(Struct, frozen=True):
    """A CA made here. `name` is its file's stem: `root`, `intermediate-1`, …

    `key` is PKCS#8 PEM as it is to be stored (encrypted or plain), None where it was discarded.
    """

    name: str
    certificate: bytes
    key: Secret | None = None


class Upload(Struct, frozen=True):
    """One public certificate (DER) that Konnect has to be given, and its file name in `upload/`."""

    name: str
    certificate: bytes


class Material(Struct, frozen=True):
    """All keys and certificates of a bundle. `nodes` is by node name; with one shared key every node has
    the same `NodeMaterial`. `authorities` is root first.
    """

    nodes: Mapping[str, NodeMaterial]
    authorities: tuple[Authority, ...] = ()
    uploads: tuple[Upload, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The nodes whose certificate has not come yet (CSR pending)."""
        return tuple(name for name, node in self.nodes.items() if not node.current.complete)
