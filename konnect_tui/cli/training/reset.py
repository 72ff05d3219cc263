"""`konnect-tui training reset`: start the lessons over, or one of them."""

from argparse import Namespace

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.training.taught import course


def run(options: Namespace) -> Answer:
    """What was written down counts no more; bundles of lessons go to the backups, and where that is, is said."""
    _, lessons = course(options)
    moved = lessons.reset(options.lesson)
    which = f"lesson {lessons.find(options.lesson).lesson.number} starts" if options.lesson else "all lessons start"
    return Answer({"moved": list(moved)}, talk=(f"{which} over", *(f"its bundle is now in {path}" for path in moved)))
