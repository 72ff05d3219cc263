"""The Konnect regions ("geos"), and what is derived from a region's code.

Source: Kong/developer.konghq.com, `app/konnect-platform/geos.md`, `app/_includes/sections/cp-regions.md` and
`app/gateway/aws-private-link.md`, as of 2026-08-21. The table is for choosing and explaining; a code it does
not know is accepted with a note, since Kong opens regions more often than this product is released.
"""

from typing import Final

from msgspec import Struct

SOURCE: Final = "Kong/developer.konghq.com, app/konnect-platform/geos.md"
AS_OF: Final = "2026-08-21"


class Region(Struct, frozen=True):
    """One region. `opt_in`: an organization's admin has to switch it on before it can be used."""

    code: str
    name: str
    opt_in: bool = False

    @property
    def api(self) -> str:
        """The base address of the region's API, without a version or a trailing slash."""
        return f"https://{self.code}.api.konghq.com"


REGIONS: Final = (
    Region("au", "Australia"),
    Region("eu", "Europe"),
    Region("in", "India"),
    Region("me", "Middle East"),
    Region("sg", "Singapore", opt_in=True),
    Region("us", "United States"),
)

PRIVATE_LINK_LABELS: Final = {"au": "ap"}
"""Where the host name of a region's AWS PrivateLink differs from its code: `ap.svc.konghq.com` is region au."""


def region(code: str) -> Region | None:
    """The region of that code, None for one the table does not know."""
    return next((known for known in REGIONS if known.code == code), None)


def is_code(text: str) -> bool:
    """Whether this could be a region's code: two lower-case letters, which is all Kong's operator asks for."""
    return len(text) == 2 and text.isascii() and text.isalpha() and text.islower()


def of_private_link(label: str) -> str:
    """The region's code behind the first label of a PrivateLink host: `ap` → `au`, any other itself."""
    return next((code for code, private in PRIVATE_LINK_LABELS.items() if private == label), label)


def nearest(text: str) -> str | None:
    """The code that was probably meant by a wrong one: another case, a region's name, or the PrivateLink label."""
    wanted = text.strip().lower()
    for known in REGIONS:
        if wanted in (known.code, known.name.lower()):
            return known.code
    code = of_private_link(wanted[:2])
    return code if region(code) else None
