"""What the bundle is written for: any number of platforms, each with its own options.

Knows no platform: what there is, and what can be set, is found where the platforms are.
"""

from msgspec.structs import replace

from konnect_tui.defaults import DEFAULT_PLATFORMS
from konnect_tui.draft import Draft, OptionValue
from konnect_tui.flow.step import Choice, Field, Scene, Step, Unclear, Value, items, text, whole, write
from konnect_tui.platforms import Option, available, platform

_KEY = "output.platforms"


def chosen(draft: Draft) -> tuple[str, ...]:
    """The platforms as chosen, else the default."""
    return draft.output.platforms or DEFAULT_PLATFORMS


def _fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    known = available()
    which = Field(
        key=_KEY,
        label="Platforms",
        kind="multi",
        main=True,
        choices=tuple(Choice(key, platform(key).title, platform(key).summary) for key in known),
        default=" ".join(DEFAULT_PLATFORMS),
        get=lambda draft: draft.output.platforms,
        put=_put_platforms,
        help=(
            "Space switches one on or off. Each gets a folder of its own in the bundle; they use the same certificates."
        ),
    )
    options = (_option(key, option) for key in chosen(draft) if key in known for option in platform(key).options)
    return (which, *options, _bundle(draft))


def _put_platforms(draft: Draft, value: Value) -> Draft:
    wanted = items(value)
    if not wanted:
        raise Unclear("At least one platform is needed: without any there is nothing to run.")
    return write(draft, _KEY, wanted)


def _fit(draft: Draft) -> Draft:
    wanted = chosen(draft)
    return replace(draft, platform={key: options for key, options in draft.platform.items() if key in wanted})


def _bundle(draft: Draft) -> Field:
    from konnect_tui.defaults import bundle_name

    named = bundle_name(replace(draft, output=replace(draft.output, bundle=None)))
    told = "The bundle's folder in the workspace. Letters, digits, dots, hyphens and underscores."
    return text("output.bundle", "Bundle's name", default=named, help=told)


def _option(key: str, option: Option) -> Field:
    """One option as a question. Whatever the platform declares is asked; nothing is named here."""
    path = f"platform.{key}.{option.name}"

    def get(draft: Draft) -> Value:
        said = draft.platform.get(key, {}).get(option.name)
        if said is None:
            return None
        return ("yes" if said else "no") if isinstance(said, bool) else str(said)

    def put(draft: Draft, value: Value) -> Draft:
        return _said(draft, key, option, str(value or "").strip())

    return Field(
        key=path,
        label=f"{key}: {option.name.replace('_', ' ')}",
        kind={("boolean"): ("toggle"), ("choice"): ("choice"), ("integer"): ("integer")}.get(option.kind, ("text")),  # type: ignore[arg-type]
        choices=_choices(option),
        default=_told(option.default),
        get=get,
        put=put,
        rare=True,
        help=option.help,
    )


def _choices(option: Option) -> tuple[Choice, ...]:
    if option.kind == "boolean":
        return Choice("no", "no"), Choice("yes", "yes")
    return tuple(Choice(value, value or "none") for value in option.choices)


def _told(value: OptionValue) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _said(draft: Draft, key: str, option: Option, said: str) -> Draft:
    value: OptionValue | None = said or None
    if option.kind == "boolean":
        value = said == "yes"
    elif option.kind == "integer":
        value = whole(said, option.maximum or 999_999_999)
    own = {name: old for name, old in draft.platform.get(key, {}).items() if name != option.name}
    if value is not None and value != option.default:
        own[option.name] = value
    others = {name: options for name, options in draft.platform.items() if name != key}
    return replace(draft, platform=others | ({key: own} if own else {}))


STEP = Step(
    key="platforms",
    title="Platforms",
    why="Where the nodes will run: take one, or several in one bundle.",
    help=(
        "Every platform's files run as they are and hold no key: they mount or reference the nodes' folders.",
        "More can be added to the bundle later without touching keys or certificates.",
    ),
    fields=_fields,
    prefixes=("output", "platform"),
    fit=_fit,
    says=lambda draft: ", ".join(chosen(draft)),
)
