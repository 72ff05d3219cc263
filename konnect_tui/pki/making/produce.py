"""Make the keys and certificates that `issue.work` found to be missing, beside those that are kept."""

import os
from collections.abc import Iterator, Mapping, Sequence

from cryptography.hazmat.primitives import serialization

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.bringing.supply import Progress, Signer, Supply
from konnect_tui.pki.making import keep, make, seal
from konnect_tui.pki.making.halves import Made, in_halves
from konnect_tui.pki.making.issue import Holding, Holdings, Todo, Work, opened, restored
from konnect_tui.pki.making.wishes import Wishes
from konnect_tui.pki.material import Authority, Identity, Material, NodeMaterial, Upload
from konnect_tui.plan import SHARED, Plan
from konnect_tui.secret import Secret


def produce(
    plan: Plan, holdings: Holdings, work: Work, supply: Supply, passphrase: Secret | None, progress: Progress
) -> Material:
    """All material of the bundle, kept, made and given. See `issue.carry_out`."""
    if work.needs_passphrase and (passphrase is None or not passphrase.reveal()):
        raise KonnectError("passphrase-needed", "The CA's key is encrypted, and no passphrase was given.")
    workshop = _Workshop(plan, holdings, work, supply, passphrase, progress)
    authorities = workshop.authorities()
    behind = supply.signer.behind if supply.signer is not None else _behind_leaf(plan, authorities)
    identities = workshop.identities(behind)
    nodes = {node.name: identities[SHARED if plan.shared else node.name] for node in plan.nodes}
    return Material(nodes, authorities, _uploads(plan, authorities, identities, supply))


class _Workshop:
    """The keys at hand, and how far the work is."""

    def __init__(
        self,
        plan: Plan,
        holdings: Holdings,
        work: Work,
        supply: Supply,
        passphrase: Secret | None,
        progress: Progress,
    ) -> None:
        self._wishes = Wishes(plan)
        self._holdings = holdings
        self._work = work
        self._supply = supply
        self._passphrase = passphrase
        self._progress = progress
        self._certified, self._to_certify = 0, work.certificates
        encrypts = work.needs_passphrase and plan.certificate.ca_key == "encrypted"
        self._seal = seal.Seal(passphrase) if encrypts and passphrase is not None else None
        self._begins = plan.certificate.not_before
        self._issuers: dict[str, make.Issuer] = {}
        self._issuer = self._operators_ca(supply.signer) if work.needs_signer and supply.signer is not None else None
        self._leaves = make.LeafForm(
            make.Dates(plan.certificate.not_before, plan.certificate.not_after), plan.certificate.sans
        )
        self._kind = plan.certificate.key
        self._new_authority_keys = self._make_keys(work.authorities)
        self._rsa_keys = self._make_keys(work.identities) if self._kind.startswith("rsa") else {}

    def _operators_ca(self, signer: Signer) -> make.Issuer:
        from konnect_tui.pki.bringing.issuing import open_signer

        certificate = parse.certificate(signer.certificate)
        key = open_signer(signer, lambda: self._passphrase)
        return make.Issuer(certificate.subject, key.public_key(), signer.not_after, key, parse.key_id(certificate))

    def _make_keys(self, todos: Mapping[str, Todo]) -> dict[str, make.PrivateKey]:
        names = [name for name, todo in todos.items() if todo.key == "make"]
        keys = []
        for key in _keys(self._kind, len(names)):
            keys.append(key)
            self._progress("keys", len(keys), len(names))
        return dict(zip(names, keys, strict=True))

    def authorities(self) -> tuple[Authority, ...]:
        """Every CA, root first."""
        made = []
        for stem, issuer_stem in self._wishes.issuers():
            wanted = self._wishes.authorities[stem]
            todo = self._work.authorities[stem]
            key = self._new_authority_keys.get(stem) or self._open(stem)
            public = key.public_key() if key is not None else self._held_public_key(stem)
            self._issuers[stem] = make.Issuer(wanted.subject, public, wanted.not_after, key)
            if todo.certificate == "keep":
                certificate = self._holdings.authorities[stem].chain[0]
            else:
                dates = make.Dates(self._begins, wanted.not_after)
                issuer = self._issuers[issuer_stem]
                certificate = make.ca_certificate(wanted.subject, public, dates, wanted.path_length or 0, issuer)
                self._tell()
            made.append(Authority(stem, certificate, self._stored(stem, key)))
        if made:
            self._issuer = self._issuers[self._wishes.issuing]
        return tuple(made)

    def _open(self, stem: str) -> make.PrivateKey | None:
        """The kept key of a CA, if it has to be read."""
        if stem not in self._work.opens:
            return None
        return opened(stem, self._holdings.authorities[stem], self._passphrase)

    def _held_public_key(self, stem: str) -> make.PublicKey:
        certificate = parse.certificate(self._holdings.authorities[stem].chain[0], f"ca/{stem}.crt")
        key = keep.public_key(certificate)
        if key is None:
            raise KonnectError("not-a-certificate", f"ca/{stem}.crt was not made by this product.")
        return key

    def _stored(self, stem: str, key: make.PrivateKey | None) -> Secret | None:
        """The key of a CA as it is to lie on disk: what lies there already where nothing has to change."""
        if self._wishes.ca_key == "discard":
            return None
        held = self._holdings.authorities[stem].key if self._work.authorities[stem].key == "keep" else None
        if key is None or (held is not None and not restored(self._wishes, held)):
            return held
        return Secret(self._seal.pem(key) if self._seal is not None else make.key_pem(key))

    def identities(self, behind: Sequence[bytes]) -> dict[str, NodeMaterial]:
        """The key and certificate of every identity, with `behind` the leaf what it must present."""
        wanted = [name for name, todo in self._work.identities.items() if todo.certificate == "make"]
        made = {}
        for name, pair in in_halves(wanted, self._certify):
            made[name] = pair
            self._tell()
        return {name: NodeMaterial(self._identity(name, made.get(name), behind)) for name in self._work.identities}

    def _identity(self, name: str, made: Made | None, behind: Sequence[bytes]) -> Identity:
        todo = self._work.identities[name]
        held = self._holdings.identities.get(name, Holding())
        if todo.certificate == "take":
            given = self._supply.identities[name]
            return Identity(given.chain, given.key or held.key)
        if todo.certificate == "wait":
            return self._waiting(name, held)
        if made is None:
            return Identity((held.chain[0], *behind), held.key)
        key, leaf = made
        return Identity((leaf, *behind), Secret(key) if key is not None else held.key)

    def _waiting(self, name: str, held: Holding) -> Identity:
        """A key whose certificate is requested and has not come."""
        from konnect_tui.pki.bringing import requests  # and with it much that no other source needs

        todo = self._work.identities[name]
        if todo.request == "keep":
            return Identity(key=held.key, csr=held.csr)
        key, new = self._key(name)
        wanted = self._wishes.leaf(name)
        stored = Secret(make.key_pem(key)) if new else held.key
        return Identity(key=stored, csr=requests.request(wanted.subject, key, wanted.sans))

    def _certify(self, name: str) -> Made:
        """A certificate for the key of that identity, and the key where it is new."""
        key, new = self._key(name)
        subject = self._wishes.leaf(name).subject
        if self._issuer is not None:
            leaf = self._leaves.issued(subject, key.public_key(), self._issuer)
        else:
            leaf = self._leaves.self_signed(subject, key)
        return make.key_pem(key) if new else None, leaf

    def _key(self, name: str) -> tuple[make.PrivateKey, bool]:
        """The key of that identity, and whether it is new."""
        if self._work.identities[name].key == "make":
            return self._rsa_keys.get(name) or make.new_key(self._kind), True
        return _load(self._holdings.identities[name].key, name), False

    def _tell(self) -> None:
        self._certified += 1
        self._progress("certificates", self._certified, self._to_certify)


def _load(stored: Secret | None, name: str) -> make.PrivateKey:
    key = serialization.load_pem_private_key(stored.reveal(), None) if stored is not None else None
    if not isinstance(key, make.PrivateKey):
        raise KonnectError("key-missing", f"nodes/{name}/tls.key is gone or damaged.")
    return key


def _keys(kind: str, count: int) -> Iterator[make.PrivateKey]:
    """That many new keys. RSA keys are looked for on all processors at once: each may take a second."""
    if not kind.startswith("rsa") or count < 2:
        for _ in range(count):
            yield make.new_key(kind)
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
    try:
        yield from pool.map(make.new_key, [kind] * count)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _behind_leaf(plan: Plan, authorities: Sequence[Authority]) -> tuple[bytes, ...]:
    """The intermediates a node must present, the leaf's issuer first: all below what is uploaded."""
    if plan.certificate.upload == "intermediate":
        return ()
    return tuple(authority.certificate for authority in reversed(authorities[1:]))


def _uploads(
    plan: Plan, authorities: Sequence[Authority], identities: dict[str, NodeMaterial], supply: Supply
) -> tuple[Upload, ...]:
    """What Konnect is given. Of nodes whose certificates are waited for, nothing yet."""
    if supply.upload is not None or not supply.settled:
        return (Upload("ca.crt", supply.upload),) if supply.upload is not None else ()
    if not authorities:
        arrived = {name: each.current.chain for name, each in identities.items() if each.current.complete}
        return tuple(Upload(f"{name}.crt", chain[0]) for name, chain in arrived.items())
    if plan.certificate.upload == "intermediate" and len(authorities) > 1:
        return (Upload("intermediate.crt", authorities[-1].certificate),)
    return (Upload("root.crt", authorities[0].certificate),)
