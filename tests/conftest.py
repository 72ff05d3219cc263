"""What every test gets: a repeatable hypothesis, none of your own logins, and no silent skip where the gate runs."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from programs import BESIDE, strict

# Two shared cores: how long one example takes says nothing about the product.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if strict() else "dev")


@pytest.fixture(autouse=True, scope="session")
def _nobodys_logins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads your token, asks your keyring or writes among your settings; nor do the programs it starts."""
    with pytest.MonkeyPatch.context() as patch:
        folder: Path = tmp_path_factory.mktemp("config")
        patch.setenv("XDG_CONFIG_HOME", str(folder))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        patch.delenv("KONNECT_TOKEN", raising=False)
        patch.delenv("KONNECT_API_URL", raising=False)
        yield


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With CI=true a skipped test is a failed one, with its reason; only the published contract may be absent."""
    if strict() and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        if BESIDE in str(reason):
            return
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: nothing may be skipped with CI=true. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip in a test or fixture into a failure where nothing may be skipped."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole module into a failure where nothing may be skipped."""
    report = yield
    _refuse_skip(report)
    return report
