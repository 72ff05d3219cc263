"""One embedded organisation for the tests of one process, and control planes in it for each."""

from collections.abc import Callable, Iterator

import pytest
from embedded import Embedded, EmbeddedPlane


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A running organisation."""
    with Embedded(tmp_path_factory.mktemp("organisation")) as organisation:
        yield organisation


@pytest.fixture
def make_plane(embedded: Embedded, request: pytest.FixtureRequest) -> Callable[[str], EmbeddedPlane]:
    """Create a control plane of that mode."""
    return lambda mode: embedded.create(f"{request.node.name[:200]} {mode}", mode)
