"""Where the control plane is. Asked first, because every tool that guessed it was wrong."""

from konnect_tui.draft import TOLD, Draft
from konnect_tui.flow.step import Choice, Field, Live, Scene, Step, Value, write
from konnect_tui.konnect.regions import REGIONS, Region

_KEY = "control_plane.region"
_OTHER = "other"
_UNTYPED = "??"  # "another one" is chosen and its code not typed yet: no region's code, so the checks refuse it


def _fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    live = scene.live if draft.control_plane.source in TOLD else None
    regions, faults = (live.regions, live.faults) if live else (REGIONS, {})
    known = {region.code for region in regions}

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
        default=_usual(live, scene),
        choices=(
            *(_choice(region, faults.get(region.code, "")) for region in regions),
            Choice(_OTHER, "··  another one", "Newer than this release." if not live else "Konnect did not name it."),
        ),
        help=_help(live, scene),
    )
    return (region, _code(bool(live))) if get(draft) == _OTHER else (region,)


def _usual(live: Live | None, scene: Scene) -> str:
    """Where the cursor stands at first: in an account where it was last; in training anywhere, nothing can go wrong."""
    if live is None:
        return ""
    if live.training:
        return live.regions[0].code
    return scene.region if scene.region in {region.code for region in live.regions} else ""


_OFFLINE = (
    "Up and down choose. The region is the part before .cp.konghq.com in the control plane's host. It also "
    "stands in the address of the Konnect page. A control plane lives in exactly one region: in another it "
    "does not exist."
)
_TRAINING = (
    "Up and down choose; Enter takes the one marked. The training organisation has control planes in these. In "
    "Konnect, too, a control plane lives in exactly one region, so every tool has to be told which."
)
_LIVE = (
    "A control plane lives in exactly one region: in another it does not exist. If you don't know which, take any: "
    "on the next page F6 looks for a name in all of them."
)


def _help(live: Live | None, scene: Scene) -> str:
    if live is None or live.training:
        return _TRAINING if live else _OFFLINE
    last = "; it stands at the one used last" if _usual(live, scene) else ""
    return f"Up and down choose{last}. {_LIVE}"


def _choice(region: Region, fault: str) -> Choice:
    extra = fault or ("Opt-in: an administrator switches it on." if region.opt_in else "")
    return Choice(
        region.code, f"{region.code}  {region.name if region.name != region.code else 'new to this release'}", extra
    )


def _code(live: bool) -> Field:
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
        help="Two lower-case letters, such as jp."
        + (
            " On the next page Konnect says whether it exists."
            if live
            else " Whether it exists can't be checked offline."
        ),
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
