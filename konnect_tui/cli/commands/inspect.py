"""`konnect-tui inspect FILE…`: what these files hold."""

from argparse import Namespace
from datetime import UTC, datetime
from typing import Any

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.unlock import passphrase
from konnect_tui.errors import KonnectError
from konnect_tui.pki.describe import Described
from konnect_tui.pki.reading.inspection import FileFound, inspect
from konnect_tui.words import printable


def run(options: Namespace) -> Answer:
    """Every certificate and key; exit 2 when one of the files could not be read."""
    found = inspect(options.files, datetime.now(UTC), passphrase())
    lines = [line for file in found for line in _lines(file)]
    faults = [file.fault for file in found if file.fault is not None]
    error = None
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        error = KonnectError(faults[0].code, f"{faults[0].message}{more}", hint=faults[0].hint)
    return Answer({"files": [_row(file) for file in found]}, "".join(f"{line}\n" for line in lines), error=error)


def _row(file: FileFound) -> dict[str, Any]:
    fault = file.fault
    told = None
    if fault is not None:
        told = {"code": fault.code, "message": fault.message, "context": fault.context, "hint": fault.hint}
    return {
        "path": file.path,
        "certificates": file.certificates,
        "keys": file.keys,
        "mends": file.mends,
        "error": told,
    }


def _lines(file: FileFound) -> list[str]:
    lines = [printable(file.path)]
    for certificate in file.certificates:
        lines += [f"  {line}" for line in _certificate(certificate)]
    for key in file.keys:
        locked = ", encrypted" if key.encrypted else ""
        fits = f"fits {', '.join(digest[:16] for digest in key.matches)}" if key.matches else "fits none of these files"
        lines.append(f"  private key {key.type or 'of unknown type'}{locked}: {fits}")
    lines += [printable(f"  not clean PEM: {mend}") for mend in file.mends]
    if file.fault is not None:
        lines.append(printable(f"  {file.fault.message}  [{file.fault.code}]"))
    return lines


def _certificate(certificate: Described) -> list[str]:
    kind = "CA certificate" if certificate.is_ca else "certificate"
    issuer = "itself" if certificate.self_signed else certificate.issuer
    left = (
        f"{certificate.days_left} days left"
        if certificate.days_left >= 0
        else f"ended {-certificate.days_left} days ago"
    )
    rows = [
        (kind, certificate.subject or "(no subject)"),
        ("  issued by", issuer),
        ("  valid", f"{certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}, {left}"),
        ("  key", f"{certificate.key}, {certificate.signature}"),
        ("  for", ", ".join((*certificate.key_usage, *certificate.eku)) or "anything (no key usage)"),
        ("  names", ", ".join(certificate.sans)),
        ("  sha256", certificate.sha256),
    ]
    return [printable(f"{label:<15} {value}") for label, value in rows if value]
