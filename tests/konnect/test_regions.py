import pytest

from konnect_tui.konnect import regions


def test_the_table_has_every_public_region() -> None:
    """The six regions are there with their API hosts, and Singapore alone has to be switched on."""
    found = {region.code: (region.api, region.opt_in) for region in regions.REGIONS}
    assert found == {
        code: (f"https://{code}.api.konghq.com", code == "sg") for code in ("au", "eu", "in", "me", "sg", "us")
    }


@pytest.mark.parametrize(
    ("text", "valid"),
    [("us", True), ("jp", True), ("US", False), ("usa", False), ("u1", False), ("", False), ("us\n", False)],
)
def test_a_code_is_two_lower_case_letters(text: str, valid: bool) -> None:
    """Anything but two lower-case ASCII letters is no region code; unknown codes have the right form."""
    assert regions.is_code(text) is valid


@pytest.mark.parametrize(
    ("text", "near"),
    [("US", "us"), ("Europe", "eu"), ("ap", "au"), ("usa", "us"), (" eu ", "eu"), ("xx", None), ("", None)],
)
def test_a_wrong_code_names_the_region_that_was_meant(text: str, near: str | None) -> None:
    """Another case, a region's name and the PrivateLink label lead to the code."""
    assert regions.nearest(text) == near


def test_private_link_calls_australia_ap() -> None:
    """`ap` in a PrivateLink host is region au; every other label is the region's own code."""
    assert regions.of_private_link("ap") == "au"
    assert regions.of_private_link("us") == "us"
