"""The state of an organisation on disk: opened, planted where it is new, and its CA beside it."""

import os
from typing import Final

from konnect_tui.bundle import PUBLIC_MODE
from konnect_tui.errors import KonnectError
from konnect_tui.pki.material import Authority
from konnect_tui.pki.pem import certificate_der, certificate_pem
from konnect_tui.pki.serving.authority import new_authority
from konnect_tui.secret import Secret
from konnect_tui.training.organisation import Clock, Organisation, seed_of
from konnect_tui.training.running import put
from konnect_tui.training.seeds.recipe import DEFAULT, require_seed
from konnect_tui.training.store import FILE, Store

CA_FILE: Final = "control-plane-ca.crt"
_CERTIFICATE: Final = "ca certificate"
_KEY: Final = "ca key"


def open_state(folder: str, seed: str | None, now: Clock, *, fresh: bool) -> Organisation:
    """The organisation in that folder. Whoever opens it holds it (`running.hold`).

    Raises KonnectError `unknown-seed`, `other-seed`, `training-state`.
    """
    if seed is not None:
        require_seed(seed)
    if fresh:
        _reset(folder)
    store = Store(folder)
    try:
        has = seed_of(store)
        if has is None:
            from konnect_tui.training.seeds.planting import plant

            plant(store, seed or DEFAULT, now())
        elif seed is not None and seed != has:
            message = f"The organisation in {folder} was made from the seed {has}, not {seed}."
            raise KonnectError("other-seed", message)
        organisation = Organisation(store, now)
        organisation.nodes.all_left()
    except BaseException:
        store.close()
        raise
    return organisation


def _reset(folder: str) -> None:
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm", CA_FILE):
        try:
            os.unlink(f"{folder}/{name}")
        except FileNotFoundError:
            continue
        except OSError as fault:
            raise KonnectError("training-state", f"{folder}/{name} can't be removed: {fault.strerror}.") from None


def authority(organisation: Organisation, folder: str) -> Authority:
    """The CA of the organisation's control plane, made once. Its certificate lies in the folder, too."""
    store = organisation.store
    certificate, key = store.setting(_CERTIFICATE), store.setting(_KEY)
    der = certificate_der(certificate.encode()) if certificate else None
    if der is None or key is None:
        made = new_authority(organisation.now())
        if made.key is None:
            raise RuntimeError("a new CA has its key")
        with store.together():
            store.keep(_CERTIFICATE, certificate_pem(made.certificate).decode())
            store.keep(_KEY, made.key.reveal().decode())
    else:
        made = Authority(name="control-plane-ca", certificate=der, key=Secret(key.encode()))
    put(f"{folder}/{CA_FILE}", certificate_pem(made.certificate), PUBLIC_MODE)
    return made
