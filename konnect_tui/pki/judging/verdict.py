"""What the judge says, as values. Loads no cryptography: screens show verdicts without it."""

from typing import Literal

from msgspec import Struct

from konnect_tui.errors import Severity
from konnect_tui.pki.material import Identity

Mode = Literal["pinned", "pki"]
"""Pinned: the control plane knows the leaf itself. PKI: it knows a CA above the leaf."""


class Finding(Struct, frozen=True):
    """Something about one certificate: why it is refused (error), or what to know about it.

    `certificate` is the SHA-256 over its DER, or None where no single one is meant.
    """

    severity: Severity
    code: str
    certificate: str | None
    message: str
    hint: str


class Verdict(Struct, frozen=True):
    """What a TLS control plane does with what a node presents.

    `key_proven`: the node's private key took part. `findings`: the causes of a refusal first.
    """

    mode: Mode
    accepted: bool
    key_proven: bool
    findings: tuple[Finding, ...]


class Rehearsed(Struct, frozen=True):
    """One node to rehearse: its name, and what it presents with which key."""

    name: str
    identity: Identity


class Row(Struct, frozen=True):
    """How one node fared over one version of TLS, `1.2` or `1.3`."""

    name: str
    tls: str
    accepted: bool
    findings: tuple[Finding, ...]
