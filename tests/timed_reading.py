"""Reading a file and describing what it holds, in the time that is promised for any file."""

import gc
import time

from certificate_maker import NOW

from konnect_tui.errors import KonnectError
from konnect_tui.pki.describe import describe
from konnect_tui.pki.read import read
from konnect_tui.secret import Secret

SECONDS = 2.0
SECRET = Secret(b"x")


def outcome(data: bytes, passphrase: Secret | None = SECRET) -> str:
    """`read`, or the code of the refusal. It has to come in time, counted on the processor's clock.

    Without the collection of garbage, as commands run: here it would go through what all other tests have left.
    """
    collects = gc.isenabled()
    gc.disable()
    started = time.process_time()
    try:
        found = read(data, "file", passphrase)
        for der in found.certificates:
            describe(der, NOW)
        return "read"
    except KonnectError as fault:
        return fault.code
    finally:
        if collects:
            gc.enable()
        assert time.process_time() - started < SECONDS
