"""What the operator brings to a bundle: certificates and keys of the nodes' own, or a CA that signs here.

Values only, no cryptography: a Plan is made with it. `pki.importing`, `pki.issuing` and `pki.requests` read it
from the operator's files.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct

from konnect_tui.errors import Problem
from konnect_tui.secret import Secret

Progress = Callable[[str, int, int], None]
"""Told what is being made or looked at (`keys`, `certificates`, `verdicts`), how many are done, how many there are.

An exception it raises ends the work; nothing has been written then.
"""


def quiet(_stage: str, _done: int, _of: int) -> None:
    """Progress that nobody watches."""


class Brought(Struct, frozen=True):
    """The files of one identity. `where` is the table that names them: `certificate` or `node.each[0]`.

    Without `private_key` the key is looked for in `certificate`.
    """

    where: str
    certificate: str
    private_key: str | None


class Given(Struct, frozen=True):
    """What one identity has been given. `chain` is DER: the leaf, then exactly what the node must present.

    `key` is PKCS#8 PEM, or None where the key is the bundle's own (csr).
    """

    chain: tuple[bytes, ...]
    key: Secret | None = None


class Signer(Struct, frozen=True):
    """The operator's CA that issues the leaves. Its key stays where it is until something has to be signed.

    `certificate` is DER. `behind` is what a node presents behind its leaf; `above` are further certificates
    that were given. `key_path` may name the file of the certificate itself.
    """

    certificate: bytes
    behind: tuple[bytes, ...]
    above: tuple[bytes, ...]
    key_path: str
    not_after: datetime


class Supply(Struct, frozen=True):
    """All of it. `identities` by node name, or `shared`; of a request only those whose certificate has come.

    `upload` is the CA that Konnect is given (DER), None in pinned mode. `settled` says that it is known what Konnect
    is given: not while the first certificates are waited for, since those still to come may bring another CA.
    `not_after` is the first end of what was given. `notes` are what was changed in it, and what there is to say
    about it.
    """

    identities: Mapping[str, Given] = {}
    upload: bytes | None = None
    settled: bool = True
    signer: Signer | None = None
    not_after: datetime | None = None
    notes: tuple[Problem, ...] = ()


NOTHING = Supply()
"""Everything is made here."""
