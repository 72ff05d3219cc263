"""A gateway's half of hybrid mode, written from Kong's source on aiohttp's client and Python's own TLS."""

import asyncio
import gzip
import json
import ssl
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from certificate_maker import Made

from konnect_tui.konnect.training_hosts import server_name

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Files:
    """A node's files, as Kong reads them: the chain, leaf first, and its key."""

    def __init__(self, folder: Path, chain: Sequence[Made]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.certificate, self.key = folder / "tls.crt", folder / "tls.key"
        self.certificate.write_bytes(b"".join(each.pem for each in chain))
        self.key.write_bytes(chain[0].secret.reveal())


def context(ca: str, files: Files | None, tls: str | None = None) -> ssl.SSLContext:
    """TLS as a gateway has it: the control plane's certificate and name are verified, the own is presented."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(ca)
    if files is not None:
        made.load_cert_chain(files.certificate, files.key)
    if tls is not None:
        made.minimum_version = made.maximum_version = VERSIONS[tls]
    return made


class Connection:
    """A node that is connected."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, node_id: str) -> None:
        self.socket = socket
        self.node_id = node_id

    async def introduce(self, **more: Any) -> dict[str, Any]:
        """Say who it is; the configuration that comes back."""
        plugins = [{"name": "rate-limiting", "version": "3.14.0"}, {"name": "acl"}]
        info = {"type": "basic_info", "plugins": plugins, "process_conf": {"pg_password": "******"}, "filters": {}}
        await self.socket.send_bytes(json.dumps(info | more).encode())
        message = await self.socket.receive(5)
        assert message.type is aiohttp.WSMsgType.BINARY, message
        found: dict[str, Any] = json.loads(gzip.decompress(message.data))
        return found

    async def ping(self, config_hash: str) -> aiohttp.WSMessage:
        """Tell the hash; what comes back."""
        await self.socket.ping(config_hash.encode())
        return await self.socket.receive(5)


@asynccontextmanager
async def client_session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session of aiohttp's client whose connections are really closed afterwards."""
    transports = asyncio.get_running_loop()._transports  # type: ignore[attr-defined]
    others = set(transports.values())
    async with aiohttp.ClientSession() as session:
        yield session
    for _ in range(40):  # TLS says goodbye and waits for the answer, and aiohttp does not
        if set(transports.values()) <= others:
            return
        await asyncio.sleep(0.005)


@asynccontextmanager
async def connected(
    control_plane: str,
    prefix: str,
    tls: ssl.SSLContext,
    *,
    node_id: str | None = None,
    hostname: str = "edge-1",
    version: str = "3.14.0.13",
    name: str | None = None,
    path: str | None = None,
    headers: dict[str, str] | None = None,
) -> AsyncIterator[Connection]:
    """A connection for configuration. Raises aiohttp.WSServerHandshakeError where it is refused."""
    identity = node_id or str(uuid.uuid4())
    front = f"/cp/{prefix}" if path is None else path
    query = f"node_id={identity}&node_hostname={hostname}&node_version={version}"
    async with (
        client_session() as session,
        session.ws_connect(
            f"{control_plane}{front}/v1/outlet?{query}",
            ssl=tls,
            server_hostname=server_name(prefix, "config") if name is None else name,
            autoping=False,
            headers=headers,
            compress=0,
        ) as socket,
    ):
        yield Connection(socket, identity)
