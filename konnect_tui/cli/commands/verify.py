"""`konnect-tui verify BUNDLE`: whole, unbroken, in date."""

from argparse import Namespace

from konnect_tui import verify
from konnect_tui.cli.answer import Answer
from konnect_tui.cli.setting import bundle_meant
from konnect_tui.errors import KonnectError
from konnect_tui.words import printable


def run(options: Namespace) -> Answer:
    """Check everything; with `--fix-modes` give modes back first."""
    services, bundle = bundle_meant(options)
    fixed = verify.fix_modes(services, bundle) if options.fix_modes else ()
    found = verify.verify(services, bundle)
    worth_saying = [check for check in found.checks if not check.ok or check.code in ("edited", "ends-soon", "whole")]
    lines = [
        printable(f"{'ok ' if check.ok else 'NO '} {check.path or bundle}: {check.message}  [{check.code}]")
        for check in worth_saying
    ]
    if found.days_left is not None:
        lines.append(
            f"{'ok ' if found.days_left >= 0 else 'NO '} {found.days_left} days until the first certificate ends"
        )
    data = {
        "checks": found.checks,
        "days_left": found.days_left,
        "missing_certificates": found.missing,
        "fixed": [path or "." for path in fixed],
    }
    talk = tuple(f"mode given back: {printable(path or '.')}" for path in fixed)
    faults = sum(not check.ok for check in found.checks)
    error = None
    if faults:
        message = f"{faults} of {len(found.checks)} checks of the bundle {bundle} failed."
        error = KonnectError("not-whole", message)
    return Answer(data, "".join(f"{line}\n" for line in lines), talk, error=error)
