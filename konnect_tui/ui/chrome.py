"""What stands around the page, as text: header, rail, hint, keys. Names from outside are shown literally."""

from textual.content import Content
from textual.style import Style

from konnect_tui.draft import Draft
from konnect_tui.flow.order import ORDER, step
from konnect_tui.ui.theme import COLOURS, CURRENT, DONE, SIGNS, TODO
from konnect_tui.words import cells, clip, printable, wrap

ACTION = "action"
"""Under this name a piece of text carries the action that a click on it runs. (Textual's own links are underlined.)"""

TRAINING = " TRAINING "
"""What every page says of itself in training."""

WIDE = 100
"""From so many columns on the rail stands at the left."""
_RAIL = 28


def page_width(width: int) -> int:
    """Columns that a page has for its text in a window of that width; never too few to wrap a text in."""
    return max(width - 4 - (_RAIL if width >= WIDE else 0), 40)


def header(draft: Draft, width: int, organization: str = "", elsewhere: str = "", *, training: bool = False) -> Content:
    """The product, whose account it is in, and ever after Region what the bundle is for.

    `elsewhere` is the API that is spoken to where that is not Konnect's own. In `training` that stands first.
    """
    plane, tight = draft.control_plane, bool(organization) and width < WIDE
    said = {
        "API": clip(elsewhere, 22),
        "Org": clip(printable(organization), 14 if tight else 30),
        "Region": printable(plane.region) if plane.region and plane.region != "??" else "—",
        "CP" if tight else "Control plane": "",
        "Auth": clip(printable(plane.auth_mode), 12) if plane.auth_mode else "—",
    }
    shown = [(label, text) for label, text in said.items() if text or label not in ("API", "Org")]
    product = "" if tight and elsewhere else "konnect-tui"  # the other API is what has to be seen
    if training:
        product = TRAINING if tight else f"{TRAINING} · konnect-tui"
    gap = "  " if tight else "   "
    left = width - 2 - len(product) - sum(len(gap) + len(label) + 1 + cells(text) for label, text in shown)
    parts = [Content.styled(product, "bold $primary") if not training else in_training(product)]
    for label, text in shown:
        value = text or (clip(printable(plane.name), max(left, 8)) if plane.name else "—")
        parts.append(Content.assemble((f"{gap}{label} ", "$muted"), (value, "$muted" if value == "—" else "bold")))
    return Content("").join(parts)


def in_training(text: str = TRAINING) -> Content:
    """The text, whose first word says that nothing here is real."""
    return Content.assemble((TRAINING, "bold $background on $warning"), (text.removeprefix(TRAINING), "bold $primary"))


def rail(key: str, seen: set[str], draft: Draft, *, wide: bool) -> Content:
    """Where we are. Signs and words, so that it reads without colour."""
    position = next(at for at, (name, _) in enumerate(ORDER) if name == key)
    if not wide:
        signs = " ".join(_sign(name, key, seen) for name, _ in ORDER)
        title = ORDER[position][1]
        return Content.assemble(f"Step {position + 1} of {len(ORDER)} · ", (title, "bold"), (f"   {signs}", "$muted"))
    lines = []
    for name, title in ORDER:
        style = "bold $primary" if name == key else "" if name in seen else "$muted"
        lines.append(Content.styled(f"{_sign(name, key, seen)} {title}", style))
        said = step(name).says(draft) if name in seen else ""
        lines.append(Content.styled(f"  {clip(printable(said), 20)}", "$muted"))
    return Content("\n").join(lines)


def _sign(name: str, key: str, seen: set[str]) -> str:
    return CURRENT if name == key else DONE if name in seen else TODO


def hint(refusal: str, explanation: str, width: int) -> Content:
    """Two lines at the foot of the page: why not, else what the focus is on, in whole sentences."""
    if refusal:
        shown = _fitting(f"{SIGNS['error']} {printable(refusal)}", width)
        return Content.styled(shown, f"bold {COLOURS['error']}")
    return Content.styled(_fitting(printable(explanation), width), "$muted")


def _fitting(text: str, width: int) -> str:
    """As many sentences as two lines take; F1 has them all."""
    more = "F1 says more."
    sentences = text.replace(". ", ".\n").split("\n")
    for count in range(len(sentences), 0, -1):
        shown = " ".join(sentences[:count] + [more] * (count < len(sentences)))
        if len(wrap(shown, width)) <= 2:
            return shown
    first, second = wrap(text, width)[:2]  # one sentence that is too long, as Konnect may send it
    return f"{first}\n{clip(f'{second} …', width - len(more) - 1)} {more}"


def keys(listed: list[tuple[str, str, str]], width: int, onward: str = "Next") -> Content:
    """The keys that do something here, and Next at the right. All can be clicked.

    Where there is no room for all of them, the page's own give way, the last first: F1 tells those, too.
    """
    right = _key("Enter", onward, "screen.next", "bold $background on $primary") if onward else Content("")
    left, own = _line(listed), [each for each in listed if each[2].startswith("page.")]
    while own and left.cell_length + 2 + right.cell_length > width - 2:
        last = own.pop()
        listed = [each for each in listed if each != last]
        left = _line(listed)
    return left + Content(" " * max(2, width - 2 - left.cell_length - right.cell_length)) + right


def _line(listed: list[tuple[str, str, str]]) -> Content:
    return Content("  ").join(_key(key, word, action) for key, word, action in listed)


def _key(key: str, word: str, action: str, style: str = "") -> Content:
    click = Style.from_meta({ACTION: action})
    if style:
        return Content.styled(f" {key} {word} ", style).stylize(click)
    return Content.assemble((key, "bold"), (f" {word}", "$muted")).stylize(click)


def too_small(smallest: tuple[int, int]) -> Content:
    """What is shown where there is no room for a page."""
    width, height = smallest
    told = (
        f"This needs a window of {width} × {height}.",
        "",
        "Make it larger, and everything is as it was.",
        "Ctrl+Q leaves; the draft is kept.",
    )
    return Content("\n".join(told))
