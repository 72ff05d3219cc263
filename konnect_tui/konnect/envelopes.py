"""What stands around the models in Konnect's answers and requests: pages, items, lists. Only the client needs it."""

from msgspec import Struct

from konnect_tui.konnect.models import ClientCertificate, ControlPlane, GroupStatus, Node


class RegionLists(Struct, frozen=True):
    """Codes of regions by how far they are along."""

    stable: tuple[str, ...] = ()
    stable_opt_in: tuple[str, ...] = ()
    beta: tuple[str, ...] = ()


class AvailableRegions(Struct, frozen=True):
    """`/v3/available-regions`."""

    regions: RegionLists


class PageMeta(Struct, frozen=True):
    """Where a page stands in a numbered list."""

    total: int = 0


class Meta(Struct, frozen=True):
    """What a numbered list says about itself."""

    page: PageMeta = PageMeta()


class ControlPlanes(Struct, frozen=True):
    """A page of control planes."""

    data: tuple[ControlPlane, ...]
    meta: Meta = Meta()


class NewCertificate(Struct, frozen=True):
    """A certificate to be given to a control plane."""

    cert: str
    title: str


class Certificate(Struct, frozen=True):
    """One certificate."""

    item: ClientCertificate


class Certificates(Struct, frozen=True):
    """All certificates of a control plane; without any, the list may be absent."""

    items: tuple[ClientCertificate, ...] = ()


class Cursor(Struct, frozen=True):
    """Where a list goes on: `next` as documented, `next_cursor` as answers had it."""

    next: str | None = None
    next_cursor: str | None = None


class Nodes(Struct, frozen=True):
    """A page of nodes."""

    items: tuple[Node, ...] = ()
    page: Cursor = Cursor()


class ExpectedHash(Struct, frozen=True):
    """The hash every node should have."""

    expected_hash: str = ""


class Membership(Struct, frozen=True):
    """Whether a control plane is in a group."""

    is_member: bool = False


class GroupItem(Struct, frozen=True):
    """The state of a group."""

    item: GroupStatus
