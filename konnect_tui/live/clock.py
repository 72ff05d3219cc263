"""What is to be said when this machine and Konnect do not agree on the time."""

from konnect_tui.errors import Problem, warning


def off(skew: float) -> tuple[Problem, ...]:
    """The warning for a clock that many seconds ahead of Konnect's (`Client.skew`); nothing for 0."""
    if not skew:
        return ()
    how = f"{abs(skew) / 60:.0f} minutes" if abs(skew) >= 120 else f"{abs(skew):.0f} seconds"
    way = "ahead of" if skew > 0 else "behind"
    harm = "begin too late" if skew > 0 else "end too early"
    message = f"This machine's clock is {how} {way} Konnect's: certificates made here {harm}."
    return (warning("", "clock-off", message),)
