"""The reactors that this machine allows."""

import ctypes
import errno

IO_URING_SETUP = 425


def backends():
    """A broken argument is refused otherwise than a broken right."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(IO_URING_SETUP, 0, None)
    forbidden = ctypes.get_errno() in (errno.ENOSYS, errno.EPERM)
    return ["epoll"] if forbidden else ["io_uring", "epoll"]
