"""Where the control plane is. Asked first, because every tool that guessed it was wrong."""

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Choice, Field, Scene, Step, Value, write
from konnect_tui.konnect.regions import REGIONS, Region

_KEY = "control_plane.region"
_OTHER = "other"
_UNTYPED = "??"  # "another one" is chosen and its code not typed yet: no region's code, so the checks refuse it


def _fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    known = {region.code for region in REGIONS}

    def get(draft: Draft) -> Value:
        code = draft.control_plane.region
        return code if code is None or code in known else _OTHER

    def put(draft: Draft, value: Value) -> Draft:
        if value == _OTHER:
            return draft if get(draft) == _OTHER else write(draft, _KEY, _UNTYPED)
        return write(draft, _KEY, value)

    region = Field(
        key=_KEY,
        label="Region",
        kind="choice",
        main=True,
        get=get,
        put=put,
        choices=(
            *(_choice(region) for region in REGIONS),
            Choice(_OTHER, "··  another one", "Newer than this release."),
        ),
        help=(
            "Up and down choose. The region is the part before .cp.konghq.com in the control plane's host. It also "
            "stands in the address of the Konnect page. A control plane lives in exactly one region: in another it "
            "does not exist."
        ),
    )
    return (region, _code()) if get(draft) == _OTHER else (region,)


def _choice(region: Region) -> Choice:
    extra = "Opt-in: an administrator switches it on." if region.opt_in else ""
    return Choice(region.code, f"{region.code}  {region.name}", extra)


def _code() -> Field:
    def get(draft: Draft) -> Value:
        code = draft.control_plane.region
        return "" if code == _UNTYPED else code

    def put(draft: Draft, value: Value) -> Draft:
        return write(draft, _KEY, str(value or "").strip().lower() or _UNTYPED)

    return Field(
        key="control_plane.region.code",
        about=(_KEY,),
        label="Its code",
        kind="text",
        get=get,
        put=put,
        help="Two lower-case letters, such as jp. Whether it exists can't be checked offline.",
    )


STEP = Step(
    key="region",
    title="Region",
    why="A control plane exists in one region only; its hosts carry the name.",
    help=(
        "Konnect keeps every control plane, with its configuration and its certificates, in one geographic region.",
        (
            "Look at the address of the Konnect page, or at the control plane's host: in 7f3c.eu.cp.konghq.com "
            "the region is eu."
        ),
        "If you paste a host on the next page that names another region, you are told and can take that one.",
    ),
    fields=_fields,
    prefixes=(_KEY,),
    says=lambda draft: draft.control_plane.region or "",
)
