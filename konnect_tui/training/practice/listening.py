"""A node's ports on this machine, opened together and closed together."""

import errno
import os
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from konnect_tui.training.practice.answering import Answering
from konnect_tui.training.practice.prefix import Prefix
from konnect_tui.training.practice.settings import Listener, Settings

CERTIFICATE: Final = "ssl/kong-default.crt"
KEY: Final = "ssl/kong-default.key"
_GRACE: Final = 0.5


class CannotListen(Exception):
    """A port can't be opened. `words` are nginx's; `taken` whether another program has it."""

    def __init__(self, listener: Listener, fault: OSError) -> None:
        place = f"{_bracketed(listener.host)}:{listener.port}"
        why = f"({fault.errno}: {os.strerror(fault.errno)})" if fault.errno else f"({fault})"
        self.words = f"bind() to {place} failed {why}"
        self.taken = fault.errno == errno.EADDRINUSE
        super().__init__(self.words)


@asynccontextmanager
async def listening(settings: Settings, answering: Answering, prefix: Prefix) -> AsyncIterator[None]:
    """The node answers on its ports. Raises CannotListen, and OSError where its prefix can't be written."""
    tls = None
    if any(listener.tls for listener in (*settings.proxy_listen, *settings.status_listen)):
        tls = _default_tls(prefix)
    runners = []
    try:
        for app, listeners in (
            (answering.proxy(), settings.proxy_listen),
            (answering.status(), settings.status_listen),
        ):
            runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=_GRACE)
            await runner.setup()
            runners.append(runner)
            if runner.server is not None:
                answering.servers.append(runner.server)
            await _open(runner, listeners, tls)
        yield
    finally:
        for runner in runners:
            await runner.cleanup()


async def _open(runner: web.AppRunner, listeners: Sequence[Listener], tls: ssl.SSLContext | None) -> None:
    for listener in listeners:
        site = web.TCPSite(runner, listener.host, listener.port, ssl_context=tls if listener.tls else None)
        try:
            await site.start()
        except OSError as fault:
            raise CannotListen(listener, fault) from None


def _default_tls(prefix: Prefix) -> ssl.SSLContext:
    """TLS with the certificate that the node has made for itself, as Kong does where it is given none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate, key = os.path.join(prefix.folder, CERTIFICATE), os.path.join(prefix.folder, KEY)
    if not (os.path.exists(certificate) and os.path.exists(key)):
        from konnect_tui.pki.serving.default import default_certificate

        made, secret = default_certificate(datetime.now(UTC))
        prefix.write(KEY, secret.reveal())
        prefix.write(CERTIFICATE, made)
    context.load_cert_chain(certificate, key)
    return context


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
