"""Read what the operator gives: imported files, the CA that issues, or the certificates that were requested."""

import os
from datetime import datetime

from konnect_tui.certificate_files import certificate_files
from konnect_tui.converge.passphrase import Passphrases
from konnect_tui.converge.standing import Standing
from konnect_tui.defaults import node_names
from konnect_tui.draft import Certificate, Draft
from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.pki.bringing.supply import NOTHING, Progress, Supply, quiet
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.pki.making.issue import Holding, Holdings
from konnect_tui.plan import SHARED


def supply_of(
    draft: Draft,
    now: datetime,
    passphrases: Passphrases,
    progress: Progress = quiet,
    *,
    standing: Standing | None = None,
    folder: str = "",
    new_keys: bool = False,
) -> tuple[Supply, tuple[Problem, ...]]:
    """What the operator gives to the bundle, and everything that is wrong with it.

    `standing` is the bundle that is there, `folder` where it lies. Raises KonnectError `key-missing` where its own
    key is gone.
    """
    said = draft.certificate
    mode: Mode = "pki" if draft.control_plane.auth_mode == "pki" else "pinned"
    upload = said.upload or "root"
    match said.source:
        case "import":
            _refuse_lost_files(draft, standing, folder)
            from konnect_tui.pki.bringing.importing import bring

            return bring(certificate_files(draft), said.chain, mode, upload, passphrases.key, now, progress)
        case "issue":
            from konnect_tui.pki.bringing.issuing import authority

            return authority(said.ca_certificate or "", said.ca_key_file, said.chain, mode, upload, passphrases.ca, now)
        case "csr":
            return _signed(draft, None if new_keys else standing, mode, upload, now, progress)
    return NOTHING, ()


def _refuse_lost_files(draft: Draft, standing: Standing | None, folder: str) -> None:
    """A bundle's own copy names the files inside it: where one is gone, it is not the answers that are wrong."""
    lost = lost_keys(standing.holdings()) if standing is not None else ()
    for name, files in certificate_files(draft).items():
        path = files.private_key or ""
        if _inside(path, folder) and (name in lost or not os.path.lexists(path)):
            message = f"{os.path.relpath(path, folder)} is gone from the bundle, or does not belong to its certificate."
            hint = "Put the file back, or name the certificate and key in the answers again."
            raise KonnectError("key-missing", message, hint=hint)
        if _inside(files.certificate, folder) and not os.path.lexists(files.certificate):
            message = f"{os.path.relpath(files.certificate, folder)} is gone from the bundle."
            hint = "Put it back, from .backup for instance, or name the certificate in the answers again."
            problem = error(f"{files.where}.certificate", "not-found", message, hint)
            raise KonnectError("invalid-input", message, problems=(problem,))


def _inside(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/nodes/")


def lost_keys(holdings: Holdings) -> tuple[str, ...]:
    """The identities whose key is gone, or is not the one that their certificate or pending request is for."""
    return tuple(name for name, held in holdings.identities.items() if held.key is None or not _belongs(held))


def _belongs(held: Holding) -> bool:
    from konnect_tui.pki import parse
    from konnect_tui.pki.bringing.requests import public_of, requested_key

    if held.chain:
        wanted = parse.public_bytes(parse.certificate(held.chain[0]))
    else:
        wanted = requested_key(held.csr) if held.csr is not None else None
    return wanted is None or public_of(held.key) == wanted


def _signed(
    draft: Draft, standing: Standing | None, mode: Mode, upload: str, now: datetime, progress: Progress
) -> tuple[Supply, tuple[Problem, ...]]:
    """The certificates that came for the keys of the bundle. A request whose words changed has to be made anew."""
    from konnect_tui.pki.bringing.requests import Signed, public_of

    said = draft.certificate
    names = (SHARED,) if said.per == "bundle" else node_names(draft)
    if standing is None or standing.kept.draft.certificate.source != "csr":
        return Signed(said.signed or ()).supply(names, {}, mode, upload, now, progress)
    held, uploaded = standing.holdings().identities, standing.uploaded()
    leaves = {holding.chain[0] for holding in held.values() if holding.chain}
    known = [der for holding in held.values() for der in holding.chain] + list(uploaded)
    same = _asked(standing.kept.draft) == _asked(draft)
    signed = Signed(said.signed or (), known, () if same else leaves, settled=same and bool(uploaded))
    publics = {name: public for name, holding in held.items() if (public := public_of(holding.key)) is not None}
    return signed.supply(names, publics, mode, upload, now, progress)


def _asked(draft: Draft) -> tuple[object, ...]:
    """What a request says of its node, but for its key."""
    said: Certificate = draft.certificate
    names = (said.common_name, said.organization, said.organizational_unit, said.country, said.sans)
    return (*names, draft.control_plane.name)
