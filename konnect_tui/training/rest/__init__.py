"""Konnect's REST API as the embedded organisation answers it, on loopback only.

Shapes and errors: Kong/developer.konghq.com, `api-specs/konnect/control-planes/v2`, `control-planes-config/v2` and
`identity/v3` (August 2026); where reality differs from these, as Kong/kong-operator has seen it
(`controller/konnect/ops/ops_errors.go`).
"""
