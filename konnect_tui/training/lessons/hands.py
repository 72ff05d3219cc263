"""Do the steps of a lesson: what its seed does, what its solution does, what a learner asks for without a screen."""

import os
from collections.abc import Mapping

from msgspec.structs import replace

from konnect_tui.bundle import PUBLIC_MODE
from konnect_tui.converge import Wish, carry_out
from konnect_tui.errors import KonnectError
from konnect_tui.pki.pem import certificate_pem
from konnect_tui.services import Services
from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons.environment import put
from konnect_tui.training.lessons.lesson import OWN, Step
from konnect_tui.training.lessons.making import answers, quiet, write
from konnect_tui.training.lessons.organisation import Organisation, Placed, Practice
from konnect_tui.training.lessons.stage import CERTIFICATE, Stage


class Hands:
    """Acts on one round. `planes` are its control planes, `certificates` those of its beginning by name, DER."""

    def __init__(
        self, stage: Stage, planes: Mapping[str, Placed], certificates: Mapping[str, bytes], services: Services
    ) -> None:
        self.certificates = certificates
        self._stage = stage
        self._planes = planes
        self._placed = planes[OWN]
        self._services = services

    async def do(self, step: Step, organisation: Organisation, practice: Practice) -> tuple[str, ...]:
        """Do it; the log lines of whoever connected for it. Raises KonnectError as the product's commands do."""
        lines: list[str] = []
        match step:
            case words.Start(who=who):
                for name in who:
                    lines += await self._start(name, practice)
            case words.Reconnect(who=who):
                for name in who:
                    lines += await practice.reconnect(self._stage.party(name), self._placed)
            case words.Hold(certificate=name, at=plane):
                await organisation.hold(self._planes[plane], self.meant(name), f"{self._stage.name} {name}")
            case words.Release(certificate=name, at=plane):
                await organisation.release(self._planes[plane], self.meant(name))
            case words.Set(node=node, to=plane):
                put(step, f"{self._stage.bundle}/docker/{node}", self._planes.get(plane))
            case words.Install(node=node, certificates=names):
                self._install(node, tuple(self.meant(name) for name in names))
            case words.Apply(days=days, new_keys=new_keys):
                self._apply(days, new_keys=new_keys)
        return tuple(lines)

    def meant(self, name: str) -> bytes:
        """The certificate of that name, or the first in that file of the bundle. Raises KonnectError `not-found`."""
        if "/" not in name:
            return self.certificates[name]
        from konnect_tui.pki.read import certificates_in

        return certificates_in(f"{self._stage.bundle}/{name}")[0]

    async def _start(self, name: str, practice: Practice) -> tuple[str, ...]:
        party = self._stage.party(name)
        if any(guest.name == name and guest.follows for guest in self._stage.round.scene.guests):
            _write_chain(party.folder, self._stage.presented(name))
        return await practice.start(party, self._placed)

    def _install(self, node: str, chain: tuple[bytes, ...]) -> None:
        folder = self._stage.party(node).folder
        if not os.path.isdir(folder):
            raise KonnectError("no-such-bundle", f"There is no folder {folder}: the bundle is not made yet.")
        _write_chain(folder, chain)

    def _apply(self, days: int | None, *, new_keys: bool) -> None:
        asked = answers(self._stage, self._placed)
        if days is not None:
            asked = replace(asked, certificate=replace(asked.certificate, days=days))
        carry_out(
            self._services, Wish(asked, replace=True, new_keys=new_keys, target=self._placed.target), progress=quiet
        )


def _write_chain(folder: str, chain: tuple[bytes, ...]) -> None:
    write(f"{folder}/{CERTIFICATE}", b"".join(map(certificate_pem, chain)), PUBLIC_MODE)
