"""What the stand-in knows: one organisation, its control planes by region, their certificates and nodes."""

import hashlib
import time
import uuid
from typing import Any

Json = dict[str, Any]
CREATED = "2026-03-04T05:06:07.890Z"
NOW = 1_764_028_800


class State:
    """Plain JSON values as the API has them, so that a test can put anything in."""

    def __init__(self) -> None:
        self.organization: Json = {
            "id": "023bfa42-3513-4cbf-b059-a9ddb4ea995d",
            "name": "Acme Co.",
            "owner_id": "e02c829c-0e2d-44b5-9057-07714ea613a3",
            "login_path": "acme",
            "created_at": CREATED,
            "updated_at": CREATED,
            "state": "active",
            "retention_period_days": 90,
        }
        self.regions: Json = {"stable": ["au", "eu", "in", "me", "us"], "stable_opt_in": ["sg"], "beta": []}
        self.control_planes: dict[str, list[Json]] = {}
        self.certificates: dict[str, list[Json]] = {}
        self.nodes: dict[str, list[Json]] = {}
        self.hashes: dict[str, str] = {}
        self.members: set[str] = set()
        self.groups: dict[str, Json] = {}
        self.page_limit = 1000
        """The longest page that is given, whatever is asked for."""
        self.cursor = "next"
        """How the cursor of the nodes is spelled: `next` as documented, `next_cursor` as seen."""

    def add_control_plane(self, region: str, name: str, **more: Any) -> Json:
        """A control plane. `more` goes into its `config` where it belongs there, else beside the name."""
        identity = str(uuid.UUID(hashlib.md5(f"{region}/{name}".encode(), usedforsecurity=False).hexdigest()))
        prefix = hashlib.sha256(identity.encode()).hexdigest()[:10]
        config = {
            "control_plane_endpoint": f"https://{prefix}.{region}.cp.konghq.com",
            "telemetry_endpoint": f"https://{prefix}.{region}.tp.konghq.com",
            "cluster_type": "CLUSTER_TYPE_CONTROL_PLANE",
            "auth_type": "pinned_client_certs",
            "cloud_gateway": False,
            "proxy_urls": [],
        }
        config |= {key: more.pop(key) for key in list(more) if key in config}
        plane = {
            "id": identity,
            "name": name,
            "description": "",
            "labels": {},
            "config": config,
            "created_at": CREATED,
            "updated_at": CREATED,
            **more,
        }
        self.control_planes.setdefault(region, []).append(plane)
        self.hashes[plane["id"]] = hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest()
        return plane

    def add_certificate(self, plane: Json, pem: str, title: str = "") -> Json:
        """A certificate that the control plane has."""
        made = {"id": str(uuid.uuid4()), "created_at": NOW, "updated_at": NOW, "cert": pem, "title": title}
        self.certificates.setdefault(plane["id"], []).append(made)
        return made

    def add_node(self, plane: Json, hostname: str, **more: Any) -> Json:
        """A node record, connected, heard of just now and in sync unless told otherwise."""
        node = {
            "id": str(uuid.uuid4()),
            "version": "3.10.0.5",
            "hostname": hostname,
            "last_ping": int(time.time()),
            "type": "kong-proxy",
            "created_at": NOW,
            "updated_at": NOW,
            "config_hash": self.hashes[plane["id"]],
            "compatibility_status": {"state": "COMPATIBILITY_STATE_FULLY_COMPATIBLE"},
            "labels": {},
            "connection_state": {"is_connected": True},
            **more,
        }
        self.nodes.setdefault(plane["id"], []).append(node)
        return node
