"""What came of a paste, and where it is kept: the Draft only ever gets a path."""

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from konnect_tui.bundle import File, secret
from konnect_tui.defaults import slug

if TYPE_CHECKING:
    from konnect_tui.secret import Secret
    from konnect_tui.services import Services


_MATERIAL: Final = re.compile(r"\s*(LS0tLS1CRUdJTi|MI[A-Za-z0-9+/]{60})")
"""How base64 of PEM and of DER begin."""


def is_material(text: str) -> bool:
    """Whether this is the text of a certificate or key, be it in one line, and no answer to any other question."""
    return "-----BEGIN " in text or _MATERIAL.match(text) is not None


class Pasted(Struct, frozen=True):
    """Certificates (DER) and a key (PKCS#8 PEM) as they were read; `instead` names a source to take instead."""

    certificates: tuple[bytes, ...] = ()
    key: "Secret | None" = None
    instead: str = ""


def keep(services: "Services", pasted: Pasted) -> tuple[str, str]:
    """Write them to a new folder of the workspace's `.imports/`: the paths of `tls.crt` and `tls.key`, empty for none.

    The key is readable by its owner alone from its first byte. Raises KonnectError as `Workspace.keep_import`.
    """
    from konnect_tui.pki.parse import called, certificate
    from konnect_tui.pki.pem import certificate_pem

    files = {}
    if pasted.certificates:
        files["tls.crt"] = File(b"".join(map(certificate_pem, pasted.certificates)))
    if pasted.key:
        files["tls.key"] = secret(pasted.key.reveal())
    name = slug(called(certificate(pasted.certificates[0])))[:60].rstrip("-") if pasted.certificates else "key"
    folder = services.workspace.keep_import(name, files)
    return tuple(f"{folder}/{each}" if each in files else "" for each in ("tls.crt", "tls.key"))  # type: ignore[return-value]
