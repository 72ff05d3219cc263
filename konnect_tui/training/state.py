"""The state of an organisation on disk: opened, planted where it is new, and its CA beside it."""

import os
import re
import sqlite3
from typing import Final

import msgspec

from konnect_tui.bundle import PUBLIC_MODE
from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.judging.handshake import private_key
from konnect_tui.pki.material import Authority
from konnect_tui.pki.pem import certificate_der, certificate_pem
from konnect_tui.pki.serving.authority import new_authority
from konnect_tui.secret import Secret
from konnect_tui.training.organisation import TOKEN, Clock, Organisation, seed_of
from konnect_tui.training.running import put
from konnect_tui.training.seeds.recipe import DEFAULT, require_seed
from konnect_tui.training.store import FILE, Store, unusable

CA_FILE: Final = "control-plane-ca.crt"
_CERTIFICATE: Final = "ca certificate"
_KEY: Final = "ca key"
_PORT: Final = re.compile(r"[0-9]{1,5}")
_HIGHEST_PORT: Final = 65535


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
        return _opened(store, folder, seed, now)
    except BaseException as fault:
        store.close()
        if isinstance(fault, sqlite3.Error | msgspec.DecodeError):
            raise unusable(store.path, str(fault)) from None
        raise


def _opened(store: Store, folder: str, seed: str | None, now: Clock) -> Organisation:
    has = seed_of(store)
    if has is None:
        from konnect_tui.training.seeds.planting import plant

        plant(store, seed or DEFAULT, now())
    elif seed is not None and seed != has:
        message = f"The organisation in {folder} was made from the seed {has}, not {seed}."
        raise KonnectError("other-seed", message)
    if not store.setting(TOKEN):
        raise unusable(store.path, "it has lost its token")
    organisation = Organisation(store, now)
    organisation.nodes.all_left()
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
    """The CA of the organisation's control plane, made once. Its certificate lies in the folder, too.

    Raises KonnectError `training-state`: another CA in place of a damaged one would be trusted by no bundle.
    """
    store = organisation.store
    certificate, key = store.setting(_CERTIFICATE), store.setting(_KEY)
    if certificate is None and key is None:
        made = new_authority(organisation.now())
        if made.key is None:
            raise RuntimeError("a new CA has its key")
        with store.together():
            store.keep(_CERTIFICATE, certificate_pem(made.certificate).decode())
            store.keep(_KEY, made.key.reveal().decode())
    else:
        made = _read(store, certificate or "", key or "")
    put(f"{folder}/{CA_FILE}", certificate_pem(made.certificate), PUBLIC_MODE)
    return made


def _read(store: Store, certificate: str, key: str) -> Authority:
    der, secret = certificate_der(certificate.encode()), Secret(key.encode())
    try:
        parse.certificate(der or b"")
        private_key(secret)
    except KonnectError:
        raise unusable(store.path, "the CA in it is damaged") from None
    return Authority(name="control-plane-ca", certificate=der or b"", key=secret)


def kept_port(organisation: Organisation, which: str) -> int | None:
    """The port that was kept under that name; None before there was one. Raises KonnectError `training-state`."""
    kept = organisation.store.setting(which)
    if kept is None:
        return None
    if not _PORT.fullmatch(kept) or int(kept) > _HIGHEST_PORT:
        raise unusable(organisation.store.path, f"the {which} in it is no port")
    return int(kept)
