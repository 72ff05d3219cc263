"""Give a control plane the certificates of a bundle that it does not have yet: exactly `upload/`, and nothing twice.

What it has is told by SHA-256 over DER, whatever text Konnect keeps. Nothing here deletes anything.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Literal

from msgspec import Struct

from konnect_tui.converge.standing import Standing
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.pem import fingerprints
from konnect_tui.konnect.target import Target
from konnect_tui.manifest import KeptUpload
from konnect_tui.pki import parse
from konnect_tui.pki.pem import certificate_pem

State = Literal["manual", "pending", "done", "present"]
Told = Callable[[str, int, int], None]
"""Hears how far it is: "upload", done, of how many."""


class Due(Struct, frozen=True):
    """A certificate that the control plane shall have. `file` is its path in the bundle, `id` the one remembered.

    `whose` says in a word or two which node or what kind of CA it is.
    """

    file: str
    der: bytes
    whose: str
    id: str = ""

    @property
    def sha256(self) -> str:
        """Over DER."""
        return sha256(self.der).hexdigest()

    @property
    def kept(self) -> KeptUpload:
        """As the manifest remembers it."""
        return KeptUpload(self.file, self.sha256, self.id)


class Given(Struct, frozen=True):
    """What became of one. `again` says that the control plane had had it before under another id."""

    file: str
    sha256: str
    state: State
    id: str = ""
    again: bool = False


def due(standing: Standing) -> tuple[Due, ...]:
    """What the bundle is for Konnect to have, as it was recorded. Raises KonnectError `upload-altered`."""
    found = []
    for upload in standing.kept.manifest.uploads:
        certificates = standing.certificates(upload.file)
        if [sha256(der).hexdigest() for der in certificates] != [upload.sha256]:
            message = f"{upload.file} is gone, or is not the certificate that the bundle was made with."
            raise KonnectError("upload-altered", message)
        found.append(Due(upload.file, certificates[0], _whose(standing, upload.file), upload.id))
    return tuple(found)


def untouched(uploads: Iterable[KeptUpload]) -> tuple[Given, ...]:
    """What is to be said of uploads while Konnect is not asked."""
    return tuple(Given(each.file, each.sha256, "done" if each.id else "pending", each.id) for each in uploads)


def title(bundle: str, due: Due) -> str:
    """What Konnect shows for a certificate: bundle, node or kind of CA, and the last day."""
    end = parse.certificate(due.der).not_valid_after_utc
    return f"{bundle} {due.whose} until {end:%Y-%m-%d}"


def _whose(standing: Standing, file: str) -> str:
    stem, draft = file.removeprefix("upload/").removesuffix(".crt"), standing.kept.draft
    if draft.control_plane.auth_mode == "pki":
        return {"root": "root CA", "intermediate": "intermediate CA"}.get(stem, "CA")
    return "all nodes" if draft.certificate.per == "bundle" else stem


class Uploading:
    """One run over what is due. `given` is right at any moment, whatever ends the run: a fault or a cancellation."""

    def __init__(self, target: Target, bundle: str, due: Iterable[Due]) -> None:
        self.target = target
        self._bundle = bundle
        self._due = {each.file: each for each in due}
        self._given = {each.file: each for each in untouched(each.kept for each in self._due.values())}

    @property
    def given(self) -> tuple[Given, ...]:
        """All certificates, in the order they were due."""
        return tuple(self._given.values())

    async def run(self, client: Client, told: Told) -> None:
        """Upload what the control plane lacks. Raises KonnectError at the first that can't be given."""
        had = await self._had(client)
        for due in self._due.values():
            if due.sha256 not in had:  # whatever the bundle remembers
                self._given[due.file] = Given(due.file, due.sha256, "pending")
        for number, due in enumerate(self._due.values()):
            told("upload", number, len(self._due))
            identity = had.get(due.sha256)
            if identity is not None:
                self._given[due.file] = Given(due.file, due.sha256, "present", identity)
                continue
            self._given[due.file] = given = await self._give(client, due)
            had[given.sha256] = given.id

    async def _had(self, client: Client) -> dict[str, str]:
        """What the control plane has: SHA-256 over DER → id. Whatever is no certificate in it is passed over."""
        held = await client.certificates(self.target.region, self.target.control_plane.id)
        return {digest: each.id for each in reversed(held) for digest in fingerprints(each.cert)}

    async def _give(self, client: Client, due: Due) -> Given:
        """What became of it. An answer that was lost, the client has looked up before it says so."""
        target, pem = self.target, certificate_pem(due.der).decode()
        try:
            made = await client.pin(target.region, target.control_plane.id, pem, title(self._bundle, due))
        except KonnectError as fault:
            identity = (await self._had(client)).get(due.sha256) if fault.code == "already-there" else None
            if identity is None:
                raise
            return Given(due.file, due.sha256, "present", identity)
        return Given(due.file, due.sha256, "done", made.id, again=bool(due.id))
