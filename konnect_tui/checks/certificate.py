"""The rules of `[certificate]`: what the nodes' certificates will say, and what belongs together.

Lengths of names: RFC 5280 appendix A.1 (upper bounds). Alternative names: RFC 5280 section 4.2.1.6.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from konnect_tui.checks.belonging import check_belonging
from konnect_tui.checks.rules import between, choice, misplaced, missing, not_yet, path, plain_text, quoted
from konnect_tui.defaults import end_of, node_names
from konnect_tui.draft import PATHS, Certificate, Draft
from konnect_tui.errors import Problem, error, note, warning
from konnect_tui.konnect.address import is_host
from konnect_tui.pki.names import COMMON_NAME_BYTES
from konnect_tui.plan import SHARED

SOURCES: Final = ("generate", "issue", "import", "csr")
KEYS: Final = ("ec-p256", "ec-p384", "rsa-2048", "rsa-3072", "rsa-4096")
LAST_YEAR: Final = 9999
"""GeneralizedTime has four digits for the year (RFC 5280 section 4.1.2.5.2)."""
LONG_YEARS: Final = 10
BRIEF_DAYS: Final = 30

_MADE: Final = frozenset({"generate", "issue", "csr"})
_BELONGS: Final[Mapping[str, frozenset[str]]] = {
    "key": _MADE,
    "years": _MADE,
    "days": _MADE,
    "not_after": _MADE,
    "common_name": _MADE,
    "organization": _MADE,
    "organizational_unit": _MADE,
    "country": _MADE,
    "sans": _MADE,
    "intermediates": frozenset({"generate"}),
    "ca_key": frozenset({"generate"}),
    "ca_passphrase_file": frozenset({"generate", "issue"}),
    "ca_certificate": frozenset({"issue"}),
    "ca_key_file": frozenset({"issue"}),
    "chain": frozenset({"issue", "import"}),
    "certificate": frozenset({"import"}),
    "private_key": frozenset({"import"}),
    "passphrase_file": frozenset({"import"}),
    "signed": frozenset({"csr"}),
}
"""The sources that a key of the section means something for."""
_SAID: Final = {
    "generate": "certificates are made here",
    "issue": "certificates are issued by your own CA",
    "import": "certificates and keys are imported",
    "csr": "certificates come from whoever signs the requests",
}
_FILES: Final = tuple(key for key in Certificate.__struct_fields__ if key in PATHS)
_COUNTRY: Final = r"[A-Z]{2}"
_SAN_KIND: Final = r"(?is)(dns|ip|uri|email):(.*)"
_URI: Final = r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+"
_EMAIL_LOCAL: Final = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
_ADDRESS: Final = r"[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*"
_MOST_SANS: Final = 100
_LONGEST_SAN: Final = 512


def check_certificate(draft: Draft, today: date) -> Iterator[Problem]:
    """Every fault of the section."""
    section = draft.certificate
    yield from choice("certificate.source", section.source, SOURCES)
    yield from choice("certificate.per", section.per, ("node", "bundle"))
    yield from choice("certificate.key", section.key, KEYS)
    yield from choice("certificate.custody", section.custody, ("bundle", "external"))
    if section.custody == "external":
        yield not_yet("certificate.custody", "Keeping keys in a secret store")
    yield from _life(section, today)
    yield from _subject(draft)
    yield from _sans(section.sans or ())
    for key in _FILES:
        yield from path(f"certificate.{key}", getattr(section, key))
    for index, signed in enumerate(section.signed or ()):
        yield from path(f"certificate.signed[{index}]", signed)
    yield from choice("certificate.upload", section.upload, ("root", "intermediate"))
    source = section.source or "generate"
    if source in SOURCES:
        yield from _of_this_source(draft, source)


def _of_this_source(draft: Draft, source: str) -> Iterator[Problem]:
    section = draft.certificate
    for key, sources in _BELONGS.items():
        if getattr(section, key) is not None and source not in sources:
            yield misplaced(f"certificate.{key}", _SAID[source])
    if draft.control_plane.auth_mode == "pinned" and section.upload is not None:
        yield misplaced("certificate.upload", "in pinned mode Konnect is always given each node's own certificate")
    match source:
        case "generate":
            yield from _generate(section, draft.control_plane.auth_mode)
        case "issue" if section.ca_certificate is None:
            yield missing("certificate.ca_certificate", "the CA that is to issue the certificates.", "Name its file.")
        case "import":
            yield from check_belonging(draft, _names(draft))
        case "csr" if draft.node.names == ():
            yield missing("node.names", "without a node there is nothing to request.", "Name a node.")


def _life(section: Certificate, today: date) -> Iterator[Problem]:
    given = [key for key in ("years", "days", "not_after") if getattr(section, key) is not None]
    if len(given) > 1:
        message = f"{' and '.join(f'`{key}`' for key in given)} each say when certificates end."
        yield error(f"certificate.{given[1]}", "conflicting-values", message, "Keep one of years, days, not_after.")
        return
    if not given:
        return
    field = f"certificate.{given[0]}"
    most_days = (date(LAST_YEAR, 12, 31) - today).days
    wrong = [
        *between(field, section.years, 1, LAST_YEAR - today.year),
        *between(field, section.days, 1, most_days),
        *_offset(field, section.not_after),
    ]
    yield from wrong
    if not wrong:
        yield from _end(field, section, today)


def _offset(field: str, end: date | None) -> Iterator[Problem]:
    if isinstance(end, datetime) and end.tzinfo is None:
        message = f"`{field}` has a time without an offset, which is another time elsewhere."
        yield error(field, "invalid-value", message, "Write 2027-03-31T12:00:00Z, or a date alone.")


def _end(field: str, section: Certificate, today: date) -> Iterator[Problem]:
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
    try:
        end = end_of(section, midnight)
    except (OverflowError, ValueError):
        yield error(field, "out-of-range", f"`{field}` lies outside the years a certificate can hold.")
        return
    if end < midnight:
        yield error(field, "past-end", f"Certificates would have ended on {end:%Y-%m-%d}.")
    elif end < midnight + timedelta(days=BRIEF_DAYS):
        message = f"Certificates would end on {end:%Y-%m-%d}. A node whose certificate has ended gets no configuration."
        yield warning(field, "brief-life", message)
    elif (end.year, end.month, end.day) > (today.year + LONG_YEARS, today.month, today.day):
        message = f"Certificates would end on {end:%Y-%m-%d}. Konnect's own live {LONG_YEARS} years."
        yield warning(field, "long-life", message)


def _subject(draft: Draft) -> Iterator[Problem]:
    section = draft.certificate
    yield from plain_text("certificate.common_name", section.common_name, 256)
    yield from plain_text("certificate.organization", section.organization, 64)
    yield from plain_text("certificate.organizational_unit", section.organizational_unit, 64)
    country = section.country
    if country is not None and re.fullmatch(_COUNTRY, country) is None:
        upper = country.upper()
        hint = f"Did you mean `{upper}`?" if re.fullmatch(_COUNTRY, upper) else "For example DE."
        yield error("certificate.country", "invalid-value", f"{quoted(country)} is not two upper-case letters.", hint)
    if section.source == "import":
        return
    size = len(_longest_common_name(draft).encode(errors="replace"))
    if size > COMMON_NAME_BYTES:
        message = (
            f"The common name has {size} bytes; a certificate takes {COMMON_NAME_BYTES}. It is shortened with a hash."
        )
        yield note("certificate.common_name", "name-shortened", message)


def _longest_common_name(draft: Draft) -> str:
    if draft.certificate.common_name is not None:
        return draft.certificate.common_name
    plane = draft.control_plane.name or ""
    if draft.control_plane.auth_mode != "pki" and draft.certificate.source != "csr":
        return f"konnect-{plane}"
    names = (SHARED,) if draft.certificate.per == "bundle" else _names(draft)
    return f"{max(names, key=len, default='')}.{plane}"


def _names(draft: Draft) -> tuple[str, ...]:
    """Every node's name; none where the patterns are wrong, which `check_node` says."""
    try:
        return node_names(draft)
    except ValueError:
        return ()


def _sans(sans: tuple[str, ...]) -> Iterator[Problem]:
    if len(sans) > _MOST_SANS:
        yield error("certificate.sans", "out-of-range", f"{len(sans):,} alternative names are more than {_MOST_SANS}.")
        return
    seen: set[str] = set()
    for index, san in enumerate(sans):
        field = f"certificate.sans[{index}]"
        if not _is_san(san):
            hint = "Write DNS:host, IP:address, URI:uri or email:address; a bare host or address will do."
            yield error(field, "invalid-value", f"{quoted(san)} is not a subject alternative name.", hint)
        elif san.lower() in seen:
            yield error(field, "duplicate", f"The alternative name {quoted(san)} is given twice.")
        seen.add(san.lower())


def _is_san(text: str) -> bool:
    if len(text) > _LONGEST_SAN:
        return False
    kind = re.fullmatch(_SAN_KIND, text)
    if kind is None:
        return _is_address(text) if re.fullmatch(_ADDRESS, text) else _is_dns(text)
    match kind[1].lower():
        case "dns":
            return _is_dns(kind[2])
        case "ip":
            return _is_address(kind[2])
        case "uri":
            return re.fullmatch(_URI, kind[2]) is not None
    local, _, host = kind[2].rpartition("@")
    return re.fullmatch(_EMAIL_LOCAL, local) is not None and is_host(host.lower())


def _is_dns(text: str) -> bool:
    return is_host(text.lower().removeprefix("*."))


def _is_address(text: str) -> bool:
    from ipaddress import ip_address  # rarely needed, and not free to import

    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _generate(section: Certificate, auth_mode: str | None) -> Iterator[Problem]:
    yield from between("certificate.intermediates", section.intermediates, 0, 2)
    yield from choice("certificate.ca_key", section.ca_key, ("encrypted", "plain", "discard"))
    if auth_mode == "pinned":
        yield from _pinned(section)
    elif auth_mode == "pki":
        yield from _pki(section)


def _pinned(section: Certificate) -> Iterator[Problem]:
    if section.intermediates:
        yield misplaced("certificate.intermediates", "a pinned certificate has no chain, it is its own trust anchor")
    if section.ca_key is not None:
        yield misplaced("certificate.ca_key", "in pinned mode no CA is made")
    if section.ca_passphrase_file is not None:
        yield misplaced("certificate.ca_passphrase_file", "in pinned mode no CA is made")


def _pki(section: Certificate) -> Iterator[Problem]:
    if section.upload == "intermediate" and not section.intermediates:
        message = "`upload` is intermediate, but no intermediate is made."
        yield error(
            "certificate.upload", "conflicting-values", message, "Give `intermediates = 1` or 2, or upload the root."
        )
    if section.ca_key == "plain":
        message = "The CA's key is stored unencrypted. Whoever reads it can add nodes to the control plane."
        yield warning("certificate.ca_key", "unprotected-ca-key", message)
    if section.ca_passphrase_file is not None and section.ca_key in ("plain", "discard"):
        yield misplaced("certificate.ca_passphrase_file", f'with `ca_key = "{section.ca_key}"` no CA key is encrypted')
