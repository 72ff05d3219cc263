"""One embedded organisation for the lessons of a test process."""

from collections.abc import Iterator

import pytest
from embedded import Embedded


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """It runs, with its listener, on free ports."""
    from konnect_tui.training.addresses import Wanted

    with Embedded(tmp_path_factory.mktemp("training"), Wanted(port=0)) as running:
        yield running
