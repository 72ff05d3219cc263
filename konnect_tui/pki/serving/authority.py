"""The CA of an embedded control plane, and the certificates that it shows to nodes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from konnect_tui.pki import parse
from konnect_tui.pki.judging.handshake import private_key
from konnect_tui.pki.making import make
from konnect_tui.pki.material import Authority
from konnect_tui.secret import Secret

_NAME = "konnect-tui training control plane CA"
_YEARS = 10
_LEAF_LIFE = timedelta(days=397)
_EARLIER = timedelta(minutes=5)


def new_authority(now: datetime) -> Authority:
    """A CA for ten years that may issue leaves only. `now` is aware."""
    key, subject = make.new_key("ec-p256"), make.name(_NAME)
    begins = now.replace(microsecond=0) - _EARLIER
    dates = make.Dates(begins, begins + timedelta(days=365 * _YEARS))
    itself = make.Issuer(subject, key.public_key(), dates.not_after, key)
    der = make.ca_certificate(subject, key.public_key(), dates, 0, itself)
    return Authority(name="control-plane-ca", certificate=der, key=Secret(make.key_pem(key)))


class Issuing:
    """Makes the certificates that a control plane shows, all with one key. Nothing of it is written to disk."""

    def __init__(self, authority: Authority, now: datetime) -> None:
        if authority.key is None:
            raise ValueError("a CA without its key issues nothing")
        certificate = parse.certificate(authority.certificate)
        signing = private_key(authority.key)
        if not isinstance(signing, make.PrivateKey):
            raise TypeError("the CA's key is of another type than those made here")
        self._issuer = make.Issuer(certificate.subject, signing.public_key(), certificate.not_valid_after_utc, signing)
        begins = now.replace(microsecond=0) - _EARLIER
        self._dates = make.Dates(begins, begins + _LEAF_LIFE)
        self.key = make.new_key("ec-p256")

    def certificate(self, names: Iterable[str]) -> bytes:
        """A certificate, DER, for these host names or addresses; the first is also its common name."""
        sans = tuple(names)
        form = make.LeafForm(self._dates, sans)
        return form.issued(make.name(sans[0][:64]), self.key.public_key(), self._issuer)
