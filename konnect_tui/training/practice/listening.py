"""A node's ports on this machine, opened together and closed together."""

import errno
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from konnect_tui.training.ports import listen, prepared
from konnect_tui.training.practice.answering import Answering
from konnect_tui.training.practice.prefix import Prefix
from konnect_tui.training.practice.settings import Listener, Settings

KEYS: Final = "ssl"
CERTIFICATE: Final = f"{KEYS}/kong-default.crt"
KEY: Final = f"{KEYS}/kong-default.key"
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
    async with AsyncExitStack() as stack:
        for app, listeners in (
            (answering.proxy(), settings.proxy_listen),
            (answering.status(), settings.status_listen),
        ):
            server = await prepared(stack, web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE))
            protocol = answering.serving(server)
            for listener in listeners:
                try:
                    await listen(
                        stack, protocol, host=listener.host, port=listener.port, ssl=tls if listener.tls else None
                    )
                except OSError as fault:
                    raise CannotListen(listener, fault) from None
        yield


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
