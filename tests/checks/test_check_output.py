from collections.abc import Mapping
from datetime import date

import pytest

from konnect_tui.checks import check
from konnect_tui.draft import ControlPlane, Draft, OptionValue, Output
from konnect_tui.platforms import CONTRACTED, available

TODAY = date(2026, 11, 23)
PLANE = ControlPlane(source="manual", region="eu", name="Edge", auth_mode="pinned", prefix="abc")
LATER = tuple(name for name in CONTRACTED if name not in available())


def faults(
    output: Output, platform: Mapping[str, Mapping[str, OptionValue]] | None = None
) -> list[tuple[str, str, str]]:
    """Field, severity and code of every problem."""
    problems = check(Draft(control_plane=PLANE, output=output, platform=platform or {}), TODAY)
    return [(p.field, p.severity, p.code) for p in problems]


@pytest.mark.parametrize("name", ["a", "Edge.eu_1-x", "9", "a" * 80])
def test_a_folder_name_is_a_bundle_name(name: str) -> None:
    """Letters, digits, dots, underscores and hyphens, at most 80, with a letter or digit first."""
    assert faults(Output(bundle=name)) == []


@pytest.mark.parametrize("name", ["", ".staging", ".backup", "..", "a/b", "-x", "a b", "é", "a" * 81, "a\n", "$(x)"])
def test_a_bundle_name_cannot_leave_or_hide_in_the_workspace(name: str) -> None:
    """The workspace's own folders, paths and what a shell would read are no bundle names."""
    assert faults(Output(bundle=name)) == [("output.bundle", "error", "bad-bundle-name")]


def test_every_platform_that_is_there_can_be_chosen() -> None:
    """All platforms of this release, together and with no options, are fine."""
    assert faults(Output(platforms=available())) == []


@pytest.mark.parametrize(
    ("platforms", "field", "code"),
    [
        ((), "output.platforms", "missing-key"),
        (("docker", "docker"), "output.platforms[1]", "duplicate"),
        (("dokcer",), "output.platforms[0]", "unknown-value"),
        ((LATER[0],), "output.platforms[0]", "not-available-yet"),
    ],
)
def test_a_platform_that_cannot_be_written_is_an_error(platforms: tuple[str, ...], field: str, code: str) -> None:
    """None at all, one twice, an unknown one, and one of a later release."""
    assert faults(Output(platforms=platforms)) == [(field, "error", code)]


@pytest.mark.parametrize(
    ("name", "options", "field", "code"),
    [
        ("dokcer", {}, "platform.dokcer", "unknown-key"),
        (LATER[0], {}, f"platform.{LATER[0]}", "not-available-yet"),
        ("helm", {"namespase": "x"}, "platform.helm.namespase", "unknown-key"),
        ("helm", {"namespace": 1}, "platform.helm.namespace", "wrong-type"),
        ("helm", {"namespace": "No Such"}, "platform.helm.namespace", "invalid-value"),
        ("helm", {"namespace": "a\n"}, "platform.helm.namespace", "invalid-value"),
        ("helm", {"replicas": True}, "platform.helm.replicas", "wrong-type"),
        ("helm", {"replicas": -1}, "platform.helm.replicas", "out-of-range"),
        ("helm", {"replicas": 2**70}, "platform.helm.replicas", "out-of-range"),
        ("helm", {"openshift": "yes"}, "platform.helm.openshift", "wrong-type"),
        ("helm", {"service_type": "loadbalancer"}, "platform.helm.service_type", "unknown-value"),
        ("helm", {"service_type": ("NodePort",)}, "platform.helm.service_type", "wrong-type"),
    ],
)
def test_every_option_is_checked_by_its_declaration(
    name: str, options: dict[str, OptionValue], field: str, code: str
) -> None:
    """Unknown platforms and options, wrong types, forms, choices and limits are errors at their key."""
    assert (field, "error", code) in faults(Output(platforms=("docker", "helm")), {name: options})


def test_options_of_a_platform_that_was_not_chosen_are_told() -> None:
    """They do no harm, but are not passed over in silence either, and are checked all the same."""
    assert faults(Output(platforms=("docker",)), {"helm": {}}) == [("platform.helm", "warning", "unused-section")]
    found = faults(Output(platforms=("docker",)), {"helm": {"replicas": -1}})
    assert ("platform.helm.replicas", "error", "out-of-range") in found


def test_a_fresh_draft_says_what_is_missing_in_the_order_of_the_file() -> None:
    """Nothing chosen yet is no crash: the required keys are named, all at once."""
    problems = check(Draft(), TODAY)
    assert {problem.code for problem in problems} == {"missing-key"}
    assert {problem.field for problem in problems} == {
        f"control_plane.{key}" for key in ("source", "name", "auth_mode", "endpoint", "region")
    }
