"""What of a bundle's keys and certificates is kept, what is made, and what the operator gave is taken.

The same wishes keep everything. Other dates, names or another issuer: the same key, a new certificate.
Another key type, or `new_keys`: a new key and certificate. A key that is gone is never replaced unasked.
Deciding (`work`) makes nothing; `pki.produce` then does it.
"""

from collections.abc import Mapping
from typing import Literal

from cryptography import x509
from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.bringing.supply import NOTHING, Progress, Signer, Supply
from konnect_tui.pki.making import keep, seal
from konnect_tui.pki.making.make import PrivateKey, VerifyingKey
from konnect_tui.pki.making.wishes import Signatory, Wishes
from konnect_tui.pki.material import Material
from konnect_tui.plan import Plan
from konnect_tui.secret import Secret

Action = Literal["keep", "make", "take", "wait"]
"""`take`: the operator gave it. `wait`: it was requested and has not come yet."""


class Holding(Struct, frozen=True):
    """What a bundle on disk has for one identity or authority: DER, leaf first, and the key as stored.

    `altered`: the key's file is not the one that was written. `csr` is a request (PEM) that is pending.
    """

    chain: tuple[bytes, ...] = ()
    key: Secret | None = None
    altered: bool = False
    csr: bytes | None = None


class Holdings(Struct, frozen=True):
    """All of it. Identities by node name, or `shared`; authorities by file stem (`root`, `intermediate-1`)."""

    identities: Mapping[str, Holding] = {}
    authorities: Mapping[str, Holding] = {}


class Todo(Struct, frozen=True):
    """What becomes of one key and of its certificate; while that is waited for, of its request."""

    key: Action
    certificate: Action
    request: Action = "keep"


class Work(Struct, frozen=True):
    """What has to be done. `needs_passphrase`: the key of a CA has to be opened, or encrypted.

    `opens` are the CAs whose stored key has to be read: to sign, to be stored in another form, or because its
    file is not the one that was written and nothing else tells whether it belongs to its certificate.
    `needs_signer`: the operator's own CA has to sign.
    """

    identities: Mapping[str, Todo]
    authorities: Mapping[str, Todo]
    opens: frozenset[str] = frozenset()
    needs_passphrase: bool = False
    needs_signer: bool = False

    @property
    def certificates(self) -> int:
        """How many certificates will be made."""
        return sum(todo.certificate == "make" for todo in (*self.authorities.values(), *self.identities.values()))

    def signing(self, wishes: Wishes) -> frozenset[str]:
        """The authorities whose keys have to sign."""
        stems = {issuer for stem, issuer in wishes.issuers() if self.authorities[stem].certificate == "make"}
        if wishes.authorities and any(todo.certificate == "make" for todo in self.identities.values()):
            stems.add(wishes.issuing)
        return frozenset(stems)


ANEW = Todo("make", "make")
REISSUED = Todo("keep", "make")
KEPT = Todo("keep", "keep")
TAKEN = Todo("take", "take")
ARRIVED = Todo("keep", "take")


def work(plan: Plan, holdings: Holdings, new_keys: bool, supply: Supply = NOTHING) -> Work:
    """What has to be done so that the bundle has what the plan wants. Makes nothing.

    Raises KonnectError `key-missing`, `ca-key-discarded`, `not-a-certificate`.
    """
    wishes = Wishes(plan)
    held = Holdings() if new_keys else holdings
    if wishes.source == "import":
        return Work(dict.fromkeys(wishes.identities, TAKEN), {})
    if wishes.source == "csr":
        return Work({name: _requested(wishes, name, held, supply) for name in wishes.identities}, {})
    authorities, signatory = _authorities(wishes, held.authorities)
    if supply.signer is not None:
        signatory = _operators(supply.signer)
    identities = {name: _identity(wishes, name, held.identities.get(name), signatory) for name in wishes.identities}
    signs = supply.signer is not None and any(todo.certificate == "make" for todo in identities.values())
    return _with_openings(wishes, held, Work(identities, authorities, needs_signer=signs))


def carry_out(
    plan: Plan,
    holdings: Holdings,
    work: Work,
    *,
    passphrase: Secret | None,
    progress: Progress,
    supply: Supply = NOTHING,
) -> Material:
    """Do it. `holdings` and `supply` are those that `work` was worked out from.

    Raises KonnectError `passphrase-needed`, `wrong-passphrase`, `key-missing`, `invalid-input` where the operator's
    CA cannot sign; whatever `progress` raises.
    """
    from konnect_tui.pki.making.produce import produce

    return produce(plan, holdings, work, supply, passphrase, progress)


def _operators(signer: Signer) -> Signatory | None:
    """The operator's CA as the one whose signature leaves have to bear."""
    certificate = parse.certificate(signer.certificate)
    key = parse.public_key(certificate)
    return Signatory(certificate.subject, key) if isinstance(key, VerifyingKey) else None


def _requested(wishes: Wishes, name: str, held: Holdings, supply: Supply) -> Todo:
    """Where a request stands: its key is there, and its certificate has come, or is waited for."""
    from konnect_tui.pki.bringing import requests

    holding, wanted = held.identities.get(name), wishes.leaf(name)
    if holding is None or keep.kind_of(holding.key, f"nodes/{name}/tls.csr") != wanted.kind:
        return Todo("make", "wait", "make")
    if name in supply.identities:
        return ARRIVED
    public = requests.public_of(holding.key)
    asked = public is not None and requests.asks(holding.csr, wanted.subject, public, wanted.sans)
    return Todo("keep", "wait", "keep" if asked else "make")


def _authorities(wishes: Wishes, held: Mapping[str, Holding]) -> tuple[dict[str, Todo], Signatory | None]:
    """What becomes of each authority, and who signed the leaves if the issuing CA's key is kept."""
    todos: dict[str, Todo] = {}
    signatory: Signatory | None = None
    for stem, issuer in wishes.issuers():
        wanted = wishes.authorities[stem]
        holding = held.get(stem)
        certificate = _authority_certificate(stem, holding) if holding is not None else None
        key = keep.public_key(certificate) if certificate is not None else None
        if holding is None or certificate is None or key is None or parse.key_label(key) != wanted.kind:
            todos[stem], signatory = ANEW, None
            continue
        _require_authority_key(wishes, stem, holding, certificate)
        below_new_key = issuer != stem and signatory is None
        kept = not below_new_key and keep.says(certificate, wanted, signatory)
        todos[stem], signatory = KEPT if kept else REISSUED, Signatory(wanted.subject, key)
    return todos, signatory


def _authority_certificate(stem: str, holding: Holding) -> x509.Certificate:
    if not holding.chain:
        raise KonnectError("key-missing", f"ca/{stem}.crt is not in the bundle, or cannot be read.")
    return parse.certificate(holding.chain[0], f"ca/{stem}.crt")


def _require_authority_key(wishes: Wishes, stem: str, holding: Holding, certificate: x509.Certificate) -> None:
    if holding.key is not None and not seal.sealed(holding.key):
        keep.require_key(holding.key, certificate, f"ca/{stem}.crt")
    elif holding.key is None and wishes.ca_key != "discard":
        raise KonnectError("key-missing", f"ca/{stem}.key is not in the bundle.")


def _identity(wishes: Wishes, name: str, holding: Holding | None, signatory: Signatory | None) -> Todo:
    if holding is None:
        return ANEW
    path, wanted = f"nodes/{name}/tls.crt", wishes.leaf(name)
    if not holding.chain:
        return REISSUED if keep.kind_of(holding.key, path) == wanted.kind else ANEW
    certificate = parse.certificate(holding.chain[0], path)
    if parse.key_label(certificate.public_key()) != wanted.kind:
        return ANEW
    keep.require_key(holding.key, certificate, path)
    below_new_key = wishes.issued and signatory is None
    return KEPT if not below_new_key and keep.says(certificate, wanted, signatory) else REISSUED


def _with_openings(wishes: Wishes, holdings: Holdings, todo: Work) -> Work:
    """With what has to be opened or encrypted. A CA that must sign and has no key ends it here."""
    opens: set[str] = set()
    needed = False
    signing = todo.signing(wishes)
    for stem, each in todo.authorities.items():
        encrypt = wishes.ca_key == "encrypted"
        if each.key == "make":
            needed |= encrypt
            continue
        holding = holdings.authorities[stem]
        if holding.key is None:
            if stem in signing:
                raise KonnectError("ca-key-discarded", f"The key of ca/{stem}.crt was discarded.")
            continue
        unproven = holding.altered and wishes.ca_key != "discard" and seal.sealed(holding.key)
        if stem in signing or restored(wishes, holding.key) or unproven:
            opens.add(stem)
            needed |= seal.sealed(holding.key) or restored(wishes, holding.key)
    return Work(todo.identities, todo.authorities, frozenset(opens), needed, todo.needs_signer)


def restored(wishes: Wishes, stored: Secret) -> bool:
    """Whether the stored key of a CA has to be stored in another form: encrypted, or no longer."""
    return wishes.ca_key != "discard" and seal.sealed(stored) != (wishes.ca_key == "encrypted")


def opened(stem: str, holding: Holding, passphrase: Secret | None) -> PrivateKey:
    """The key of a CA, which has to belong to its certificate.

    Raises KonnectError `passphrase-needed`, `wrong-passphrase`, `key-missing`.
    """
    if holding.key is None:
        raise KonnectError("key-missing", f"ca/{stem}.key is not in the bundle.")
    key = seal.unseal(holding.key, passphrase, f"ca/{stem}.crt")
    if not keep.matches(key, parse.certificate(holding.chain[0], f"ca/{stem}.crt")):
        raise KonnectError("key-missing", f"ca/{stem}.key does not belong to ca/{stem}.crt.")
    return key
