"""The control plane that nodes connect to: mutual TLS, then Kong's hybrid-mode WebSocket, version 1.

Sources: Kong/kong, `kong/clustering/{control_plane,data_plane,tls,utils}.lua`, for what a node sends and expects;
Kong/koko, `internal/server/kong/ws/`, for how Konnect's side answers.
"""
