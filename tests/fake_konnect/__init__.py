"""A strict stand-in for Konnect's API on loopback: what it does not know fails the test, and so does what is not used.

with FakeKonnect() as konnect:
    plane = konnect.add_control_plane("eu", "payments")
    konnect.script("GET", "/eu/v2/control-planes", Answer(status=503))     # once, and it has to be asked for
    run("apply", answers, "--api-url", konnect.url, "--token-file", konnect.token_file(tmp_path))

As a program of its own: `python tests/fake_konnect --planes 10000`.
"""

from fake_konnect.answers import Answer, found, grpc, legacy, page, problem, redirect
from fake_konnect.api import Request
from fake_konnect.server import FakeKonnect

__all__ = ["Answer", "FakeKonnect", "Request", "found", "grpc", "legacy", "page", "problem", "redirect"]
