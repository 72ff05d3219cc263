"""One practice node: it starts, listens, connects and serves as its settings say, until it is stopped."""

import asyncio
import uuid
from contextlib import AsyncExitStack

from konnect_tui.gateway.releases import number
from konnect_tui.training.practice.answering import Answering
from konnect_tui.training.practice.dialling import Dialler
from konnect_tui.training.practice.given import Given
from konnect_tui.training.practice.konnect_itself import konnect_host
from konnect_tui.training.practice.listening import KEYS, CannotListen, listening
from konnect_tui.training.practice.log import Heard, Log
from konnect_tui.training.practice.outlet import Outlet
from konnect_tui.training.practice.pace import KONG, Pace
from konnect_tui.training.practice.prefix import Prefix
from konnect_tui.training.practice.presenting import Presenting, trusting
from konnect_tui.training.practice.reached import Reached
from konnect_tui.training.practice.refusals import WouldNotStart
from konnect_tui.training.practice.settings import Settings, settings
from konnect_tui.training.practice.telemetry import Telemetry

_TLS_WORD_SINCE = (3, 14)


def unheard(_line: str) -> None:
    """Nobody reads the log as it is written."""


class PracticeNode:
    """A node with these files. `reached` says how far it has come, `log` what it said."""

    def __init__(self, given: Given, *, heard: Heard = unheard, pace: Pace = KONG, talkative: bool = False) -> None:
        """`heard` gets every line of the log; a `talkative` one writes all of them, whatever `log_level` says."""
        self.given = given
        self.reached = Reached()
        self.log = Log(0, heard)
        self._heard = heard
        self._pace = pace
        self._talkative = talkative

    @property
    def name(self) -> str:
        """The node's name."""
        return self.given.node

    async def run(self) -> None:
        """Start and stay, until cancelled. Returns only where the node would not start; `reached.refused` says why."""
        try:
            chosen = settings(self.given)
            presenting = Presenting(chosen.certificate, chosen.key, chosen.trust)
            dialler = self._dialler(chosen, presenting)
        except WouldNotStart as fault:
            self._end(f"Error: {fault.reason}", fault.reason, "node-would-not-start")
            return
        if real := konnect_host(chosen):
            reason = f"{real} is Konnect itself, and a practice node, which is no gateway, never connects there"
            self._end(f"konnect-tui: {reason}", reason, "not-for-practice")
            return
        self.log = Log(0 if self._talkative else chosen.level, self._heard)
        for remark in chosen.remarks:
            self.log.nginx("info", remark)
        prefix = Prefix(self.given.state, chosen.key)
        if link := prefix.link(KEYS):
            reason = f"{link} is a symlink, and nothing of a node is written through one"
            self._end(f"konnect-tui: {reason}", reason, "symlink-in-the-way")
            return
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(listening(chosen, Answering(chosen, self.reached, self.log), prefix))
            except CannotListen as fault:
                code = "port-in-use" if fault.taken else "node-would-not-start"
                self._end(f"nginx: [emerg] {fault.words}", fault.words, code)
                return
            except OSError as fault:
                reason = f"failed to prepare the prefix {prefix.folder}: {fault.strerror}"
                self._end(f"Error: {reason}", reason, "node-would-not-start")
                return
            await self._serve(chosen, prefix, dialler)

    async def _serve(self, chosen: Settings, prefix: Prefix, dialler: Dialler) -> None:
        node_id = self._identity(chosen, prefix)
        self._load(prefix)
        self.reached.note(serving=True)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(Outlet(chosen, node_id, dialler, prefix, self.reached, self.log, self._pace).run())
                group.create_task(Telemetry(chosen, node_id, dialler, self.reached, self.log, self._pace).run())
        finally:
            self.reached.note(serving=False)

    def _dialler(self, chosen: Settings, presenting: Presenting) -> Dialler:
        proxy = chosen.proxy
        word = "tls" if number(self.given.version)[:2] >= _TLS_WORD_SINCE else "ssl"
        return Dialler(
            presenting,
            proxy,
            trusting(chosen.trust, verified=proxy.verified) if proxy is not None and proxy.tls else None,
            patience=self._pace.step,
            handshake=f"{word} handshake failed",
        )

    def _identity(self, chosen: Settings, prefix: Prefix) -> str:
        try:
            return prefix.node_id(chosen.given.values.get("node_id", ""))
        except OSError as fault:
            self.log.nginx("warn", f"failed to persist node_id to {prefix.folder}/kong.id: {fault.strerror}")
            return str(uuid.uuid4())

    def _load(self, prefix: Prefix) -> None:
        """Serve what was served last, until the control plane says something else."""
        try:
            found = prefix.cached()
        except ValueError as fault:
            self.log.clustering(self.log.next_number(), "error", f"unable to decode cached config: {fault}, ignoring")
            return
        if found is not None:
            self.log.clustering(self.log.next_number(), "info", "found cached config, loading...")
            self.reached.note(hash=found.config_hash, stale=True)

    def _end(self, line: str, reason: str, code: str) -> None:
        self.log.say(line)
        self.reached.note(refused=reason, code=code)
