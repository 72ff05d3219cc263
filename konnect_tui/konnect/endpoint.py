"""One place a data plane node connects to. Live, derived, PrivateLink and training all become this type."""

from msgspec import Struct

SYSTEM_TRUST = "system"


class Endpoint(Struct, frozen=True):
    """Host, port, path, server name (SNI) and trust of one connection.

    A node has two: one for configuration, one for telemetry. `path` begins with `/` or is empty.
    `trust` is `system` or the PEM text of the CA that signed the control plane's certificate.
    `derived` says that the host was worked out from a prefix or from the other endpoint, not given.
    """

    host: str
    port: int = 443
    path: str = ""
    server_name: str = ""
    trust: str = SYSTEM_TRUST
    derived: bool = False

    @property
    def address(self) -> str:
        """What `cluster_control_plane` takes: host, port and path, no scheme (facts §5.1: the port always)."""
        return f"{self.host}:{self.port}{self.path}"

    @property
    def sni(self) -> str:
        """The server name the node asks for and checks the control plane's certificate against."""
        return self.server_name or self.host

    @property
    def url(self) -> str:
        """The form the Konnect API and the answers file use."""
        port = "" if self.port == 443 else f":{self.port}"
        return f"https://{self.host}{port}{self.path}"
