"""The operator's own CA, root or intermediate, that issues the nodes' certificates. Its key stays where it is."""

from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography import x509

from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.pki import parse
from konnect_tui.pki.bringing.arrange import arrange
from konnect_tui.pki.bringing.reader import Reader
from konnect_tui.pki.bringing.supply import Signer, Supply
from konnect_tui.pki.describe import key_usage, validity
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.pki.making.make import SigningKey
from konnect_tui.secret import Secret
from konnect_tui.words import printable

_CERTIFICATE = "certificate.ca_certificate"
_KEY = "certificate.ca_key_file"
_PASSPHRASE = "certificate.ca_passphrase_file"  # noqa: S105 - a field


def authority(
    certificate: str,
    key: str | None,
    chain: str | None,
    mode: Mode,
    upload: str,
    passphrase: Callable[[], Secret | None],
    now: datetime,
) -> tuple[Supply, tuple[Problem, ...]]:
    """The CA in these files, and everything that is wrong with it. `upload` is `root` or `intermediate`.

    The key is not opened here: where nothing has to be issued, no passphrase is needed.
    """
    reader = Reader(passphrase, _PASSPHRASE)
    own = reader.certificates(certificate, _CERTIFICATE)
    above = reader.certificates(chain, "certificate.chain") if chain is not None else ()
    if reader.problems:
        return Supply(), tuple(reader.problems)
    pool = tuple(dict.fromkeys((*own, *above)))
    chosen = _issuing(own)
    problems = tuple(unfit(chosen, now))
    if problems:
        return Supply(), problems
    anchor, (way,) = arrange([chosen], pool, "root", now)
    if upload == "intermediate" or anchor is None:
        anchor = chosen
    behind = () if chosen == anchor else way
    ends = min(validity(parse.certificate(der))[1] for der in (chosen, *way, anchor))
    signer = Signer(chosen, behind if mode == "pki" else (), pool, key or certificate, ends)
    return Supply(upload=anchor if mode == "pki" else None, signer=signer, notes=tuple(reader.notes)), ()


def open_signer(signer: Signer, passphrase: Callable[[], Secret | None]) -> SigningKey:
    """The private key of the CA.

    Raises KonnectError `invalid-input` with the problem: no key there, locked, or that of another certificate.
    """
    reader = Reader(passphrase, _PASSPHRASE)
    reading = reader.read(signer.key_path, _KEY)
    shown = printable(signer.key_path)
    certificate = parse.certificate(signer.certificate)
    public = parse.public_bytes(certificate)
    secrets = [key.secret for key in reading.keys if key.public == public] if reading is not None else []
    key = _loaded(secrets[0]) if secrets and secrets[0] is not None else None
    if key is not None:
        return key
    if reading is None:
        problem = reader.problems[0]
    elif not reading.keys:
        problem = error(_KEY, "is-certificate", f"{shown} holds certificates and no private key.")
    elif not secrets:
        message = f"The private key in {shown} does not belong to {parse.called(certificate)}."
        problem = error(_KEY, "key-mismatch", message)
    else:
        problem = error(_KEY, "unsupported-key", f"No certificate can be issued with the key in {shown}.")
    raise KonnectError("invalid-input", problem.message, problems=(problem,))


def _loaded(secret: Secret) -> SigningKey | None:
    from konnect_tui.pki.judging.handshake import private_key

    key = private_key(secret)
    return key if isinstance(key, SigningKey) else None


def _issuing(certificates: Sequence[bytes]) -> bytes:
    """The lowest CA of the file: the first that issued none of the others."""
    read = [parse.certificate(der) for der in certificates]
    cas = [each for each in read if parse.is_ca(each)] or read
    lowest = (each for each in cas if not any(_issued(other, each) for other in cas if other is not each))
    return parse.encoded(next(lowest, cas[0]))


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    return parse.names_issuer(certificate, issuer) and parse.signed_by(certificate, issuer)


def unfit(der: bytes, now: datetime) -> Sequence[Problem]:
    """What keeps this CA from issuing anything a control plane would take."""
    certificate = parse.certificate(der)
    name = parse.called(certificate)
    begins, ends = validity(certificate)
    usage = key_usage(certificate)
    if not parse.is_ca(certificate) or (usage and "keyCertSign" not in usage):
        message = f"{name} is not a CA: it lacks CA:TRUE or keyCertSign, so nothing it issues is accepted."
        return [error(_CERTIFICATE, "not-a-ca", message)]
    if ends < now:
        message = f"The CA {name} ended on {ends:%Y-%m-%d}; nothing outlives its issuer."
        return [error(_CERTIFICATE, "expired", message, "Name a CA that is in date.")]
    if begins > now:
        return [error(_CERTIFICATE, "not-yet-valid", f"The CA {name} begins on {begins:%Y-%m-%d}.")]
    return []
