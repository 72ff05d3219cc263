"""The control plane's end of TLS for nodes that connect over a network: its certificates, and the handshake."""
