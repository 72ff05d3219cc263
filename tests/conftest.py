"""What every test gets: a repeatable hypothesis, and no silent skip where the gate runs."""

from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from programs import BESIDE, strict

# Two shared cores: how long one example takes says nothing about the product.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if strict() else "dev")


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
