"""Two folders swapped in one step, where the system can. Loads ctypes, hence only when something is replaced.

Linux: `renameat2(2)` with RENAME_EXCHANGE, in glibc since 2.28. macOS: `renamex_np(2)` with RENAME_SWAP.
"""

import ctypes
import errno
import os
import sys

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2

# What a kernel or file system without the call answers (renameat2(2), ERRORS: EINVAL is "the file system
# does not support one of the flags").
_WITHOUT = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)


def exchange(one: str, other: str) -> bool:
    """Swap what two paths name. False, and nothing done, where there is no such call; OSError as for rename."""
    library = ctypes.CDLL(None, use_errno=True)
    first, second = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        call = getattr(library, "renamex_np", None)
        arguments: tuple[object, ...] = (first, second, ctypes.c_uint(_RENAME_SWAP))
    else:
        call = getattr(library, "renameat2", None)
        arguments = (_AT_FDCWD, first, _AT_FDCWD, second, ctypes.c_uint(_RENAME_EXCHANGE))
    if call is None:
        return False
    if call(*arguments) == 0:
        return True
    number = ctypes.get_errno()
    if number in _WITHOUT:
        return False
    raise OSError(number, os.strerror(number), one, None, other)
