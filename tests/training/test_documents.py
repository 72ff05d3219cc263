"""The embedded API never answers what Konnect's published documents do not allow."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from certificate_maker import make
from embedded import Embedded

from programs import needs, shared

CHECKS = "not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance"
pytestmark = pytest.mark.slow


@pytest.fixture
def organisation(tmp_path: Path) -> Iterator[Embedded]:
    """One for each test: everything in it will be changed and deleted."""
    with Embedded(tmp_path / "organisation") as embedded:
        yield embedded


def _examine(embedded: Embedded, document: Path, base: str, settings: str = "") -> None:
    """Let schemathesis ask everything the document allows, and some that it does not."""
    (document.parent / "schemathesis.toml").write_text(settings)
    url = f"http://127.0.0.1:{embedded.rest_port}/{base}"
    command = [needs("schemathesis"), "run", str(document), "--url", url, "--checks", CHECKS, "--no-color"]
    command += ["--header", f"Authorization: Bearer {embedded.running.token}", "--suppress-health-check", "all"]
    command += ["--max-examples", "12", "--seed", "20260826"]
    run = subprocess.run(command, cwd=document.parent, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stdout
    assert "generated" in run.stdout


def _copy(name: str, folder: Path) -> Path:
    target = folder / name
    target.write_bytes((shared("konnect-api") / name).read_bytes())
    return target


@pytest.mark.parametrize(("name", "base"), [("identity-v3.yaml", "global/v3"), ("control-planes-v2.yaml", "eu/v2")])
def test_documented(organisation: Embedded, tmp_path: Path, name: str, base: str) -> None:
    """Every answer of the identity and control planes APIs is one that their documents describe."""
    _examine(organisation, _copy(name, tmp_path), base)


@pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])
def test_the_configuration_api(organisation: Embedded, tmp_path: Path, known: bool) -> None:
    """So is every answer of the configuration API; its document leaves out how requests about nodes fail."""
    document = _copy("control-planes-config-v2.yaml", tmp_path)
    content = yaml.safe_load(document.read_text())
    for path, operations in content["paths"].items():
        if "/nodes" in path or "expected-config-hash" in path:
            _allow_failures(operations)
    document.write_text(yaml.safe_dump(content))
    _examine(organisation, document, "eu/v2", _with_ids(organisation) if known else "")


def _allow_failures(operations: dict[str, Any]) -> None:
    """The same failures as its other operations document."""
    kinds = {"400": "BadRequest", "401": "Unauthorized", "404": "NotFound"}
    for method in operations.keys() & {"get", "delete"}:
        for status, kind in kinds.items():
            reference = {"$ref": f"#/components/responses/KonnectCPLegacy{kind}"}
            operations[method]["responses"].setdefault(status, reference)


def _with_ids(organisation: Embedded) -> str:
    """Settings with which schemathesis asks for what there is."""

    async def ask() -> dict[str, str]:
        async with organisation.client() as client:
            plane = await client.named("eu", "payments")
            if plane is None:
                raise AssertionError("the control plane is gone")
            certificate = await client.pin("eu", plane.id, make("edge-1").pem.decode(), "edge-1")
            [node] = await client.nodes("eu", plane.id)
            return {"controlPlaneId": plane.id, "certificateId": certificate.id, "nodeId": node.id}

    ids = asyncio.run(ask())
    return "[parameters]\n" + "".join(f'"path.{name}" = "{value}"\n' for name, value in ids.items())
