"""The certificates of a scene that the product would not make: decoys, strangers, expired ones."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.judging.handshake import private_key
from konnect_tui.pki.making import make
from konnect_tui.secret import Secret
from konnect_tui.training.lessons.lesson import Made


class Minted(Struct, frozen=True):
    """A certificate (DER) and its key (PKCS#8 PEM), where that is at hand."""

    certificate: bytes
    key: Secret | None = None


def mint(wanted: Made, known: Mapping[str, Minted], now: datetime) -> Minted:
    """Make it, ending no later than its issuer does. `known` are the certificates there are, by name.

    Raises KonnectError `lesson-unsound` where that can't be.
    """
    key: Any = _key(known[wanted.key_of]) if wanted.key_of else make.new_key("ec-p256")
    subject = parse.certificate(known[wanted.named_like].certificate).subject if wanted.named_like else None
    subject = subject or make.name(_common_name(wanted))
    day = now.replace(microsecond=0)
    dates = make.Dates(day + timedelta(days=wanted.begins), day + timedelta(days=wanted.end))
    issuer = _issuer(known[wanted.issuer]) if wanted.issuer else None
    if issuer is not None and issuer.not_after <= dates.not_before:
        raise KonnectError("lesson-unsound", f"The certificate {wanted.name} would begin after its issuer has ended.")
    secret = Secret(make.key_pem(key))
    if wanted.kind == "ca":
        itself = issuer or make.Issuer(subject, key.public_key(), dates.not_after, key)
        depth = 0 if issuer else 1
        return Minted(make.ca_certificate(subject, key.public_key(), dates, depth, itself), secret)
    form = make.LeafForm(dates)
    return Minted(form.issued(subject, key.public_key(), issuer) if issuer else form.self_signed(subject, key), secret)


def _common_name(wanted: Made) -> str:
    return f"{wanted.name} CA" if wanted.kind == "ca" else wanted.name


def _issuer(minted: Minted) -> make.Issuer:
    certificate, key = parse.certificate(minted.certificate), _key(minted)
    return make.Issuer(
        certificate.subject, key.public_key(), certificate.not_valid_after_utc, key, parse.key_id(certificate)
    )


def _key(minted: Minted) -> Any:
    """The private key. A lesson's own certificates all have theirs at hand."""
    if minted.key is None:
        raise RuntimeError("a certificate of the scene has no key at hand")
    return private_key(minted.key)
