"""Load msgspec at half its price."""

import sys


def load_msgspec() -> None:
    """Import msgspec as it is where typing_extensions isn't installed, which is supported and saves 20 ms.

    pyOpenSSL brings typing_extensions, and msgspec takes from it what Python's own typing has since 3.11.
    """
    if "typing_extensions" in sys.modules:
        return
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # the import system's word for “isn't there”
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]
